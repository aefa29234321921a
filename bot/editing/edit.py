"""What an agent changes of the knowledge: entries and sources as plain data, then the files as they will be. Pure.

An `Edit` says what an item was and what it shall be. It can wait (for another agent's approval, say) while other items
of the same file change; when its own item changed meanwhile, it is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from bot.editing.texts import EditError, text
from bot.editing.yaml_edit import Item, items_of, rewrite, stripped
from bot.editing.yaml_style import replaced
from bot.knowledge.checks import comparable
from bot.knowledge.contents import kind_of
from bot.knowledge.yaml_errors import decode
from bot.knowledge.yaml_text import read

Files = Mapping[str, bytes]
"""Relative path → contents of each file of a knowledge folder."""

SOURCES = "sources.yaml"
OUT_OF_SCOPE = "out_of_scope.yaml"
_BYTE_ORDER_MARK = "\ufeff"
_NEW_FILE = re.compile(r"sources\.yaml|entries/[a-z0-9][a-z0-9_-]{0,59}\.yaml")


@dataclass(frozen=True, slots=True)
class Edit:
    file: str
    id: str
    """Of the entry, or in `sources.yaml` of the source."""
    before: Item | None
    """None: it is new."""
    after: Item | None
    """None: it is taken out."""


def find_entry(files: Files, entry: str) -> tuple[str, Item]:
    """The file of an entry, and the entry.

    Raises:
        EditError: there is none, or a file cannot be read.
    """
    for path in sorted(files):
        if kind_of(path) == "entries" and entry.encode() in files[path]:
            for item in items(files, path):
                if item.get("id") == entry:
                    return path, item
    raise EditError(text("edit_no_entry", entry=entry))


def items(files: Files, path: str) -> list[dict[str, Any]]:
    """The entries, or the sources, of one file; none when there is no such file.

    Raises:
        EditError: it cannot be read.
    """
    root = "sources" if path == SOURCES else "entries"
    return items_of(_text(files, path), root) if path in files else []


def edit_entry(files: Files, entry: str, after: Item | None) -> Edit:
    """The edit that makes the entry `after`, or takes it out."""
    path, before = find_entry(files, entry)
    return Edit(path, entry, before, after)


def new_entry(path: str, entry: Item) -> Edit:
    return Edit(path, str(entry["id"]), None, entry)


def new_source(source: Item) -> Edit:
    return Edit(SOURCES, str(source["id"]), None, source)


def with_utterance(entry: Item, language: str, utterance: str) -> Item:
    """The entry with one more way to ask.

    Raises:
        EditError: it has it already, or there is nothing in it.
    """
    utterance = " ".join(utterance.split())
    known = _utterances(entry, language)
    if not utterance:
        raise EditError(text("edit_empty_utterance"))
    if comparable(utterance) in map(comparable, known):
        raise EditError(text("edit_known_utterance", utterance=utterance))
    return _with(entry, utterances={**_map(entry, "utterances"), language: [*known, utterance]})


def with_guard(entry: Item, field: str, language: str, question: str) -> Item:
    """The entry with one more question in `must_match` or `must_not_match`.

    Raises:
        EditError: it has it already.
    """
    question, guarded = " ".join(question.split()), _map(entry, field)
    known = guarded.get(language, [])
    if comparable(question) in map(comparable, known):
        raise EditError(text("edit_known_utterance", utterance=question))
    return _with(entry, **{field: {**guarded, language: [*known, question]}})


def out_of_scope_edit(language: str, sentence: str) -> Edit:
    """One more sentence that is not ours."""
    return Edit(OUT_OF_SCOPE, "out-of-scope", None, {"language": language, "sentence": " ".join(sentence.split())})


def with_fields(entry: Item, fields: Mapping[str, Any]) -> Item:
    """The entry with other values; None takes a field out."""
    return _with(entry, **fields)


def frozen(entry: Item) -> Item:
    """The entry as it hands over instead of answering."""
    return _with(entry, frozen="true")


def thawed(entry: Item) -> Item:
    return _with(entry, frozen=None)


def retired(entry: Item) -> Item:
    """The entry as it is answered no more; all its words stay."""
    return _with(entry, retired="true")


def is_retired(entry: Item) -> bool:
    return entry.get("retired") == "true"


def restored(entry: Item) -> Item:
    return _with(entry, retired=None)


def applied(files: Files, edits: Iterable[Edit]) -> dict[str, bytes]:
    """All the files as they will be.

    Raises:
        EditError: an item is no longer what it was when the edit was begun, or its file cannot be edited.
    """
    result = dict(files)
    for edit in edits:
        if edit.file == OUT_OF_SCOPE:
            result[OUT_OF_SCOPE] = _with_sentence(result, edit.after or {}).encode()
            continue
        root = "sources" if edit.file == SOURCES else "entries"
        if edit.file not in result and not _NEW_FILE.fullmatch(edit.file):
            raise EditError(text("edit_no_such_file", file=edit.file))
        before = _text(result, edit.file) if edit.file in result else f"{root}: []\n"
        now = next((item for item in items_of(before, root) if item.get("id") == edit.id), None)
        if now != edit.before and (now is None or edit.before is None or stripped(now) != stripped(edit.before)):
            raise EditError(text("edit_overtaken" if edit.before else "edit_taken", id=edit.id))
        mark = _BYTE_ORDER_MARK if result.get(edit.file, b"").startswith(_BYTE_ORDER_MARK.encode()) else ""
        result[edit.file] = (mark + rewrite(before, root, edit.id, edit.after)).encode()
    return result


def changed_files(before: Files, after: Files) -> dict[str, bytes | None]:
    """What has to be written; None: the file is to be removed."""
    paths = sorted(before.keys() | after.keys())
    return {path: after.get(path) for path in paths if before.get(path) != after.get(path)}


def diff(before: Files, after: Files) -> str:
    """What will be written, line by line, as `diff -u` shows it."""
    return "".join(line for path in changed_files(before, after) for line in _diff(path, before, after))


def _diff(path: str, before: Files, after: Files) -> Iterator[str]:
    old, new = (files.get(path, b"").decode(errors="replace").splitlines(keepends=True) for files in (before, after))
    for line in unified_diff(old, new, path if path in before else "/dev/null", path if path in after else "/dev/null"):
        yield line if line.endswith("\n") else f"{line}\n"


def _with_sentence(files: Files, added: Item) -> str:
    """The sentences that are not ours, with one more; one that is there already changes nothing."""
    before = _text(files, OUT_OF_SCOPE) if OUT_OF_SCOPE in files else "sentences: {}\n"
    value = read(before.encode()).value
    sentences = _map(value if isinstance(value, Mapping) else {}, "sentences")
    language, sentence = str(added["language"]), str(added["sentence"])
    if comparable(sentence) in map(comparable, sentences.get(language, ())):
        return before
    if not sentences:
        return "\n".join(replaced(["sentences: {}", ""], ("sentences",), {language: [sentence]}))
    where, new = (
        (("sentences", language, None), sentence) if language in sentences else (("sentences", language), [sentence])
    )
    return "\n".join(replaced(before.split("\n"), where, new))


def _text(files: Files, path: str) -> str:
    decoded = decode(files[path])
    if not isinstance(decoded, str):
        raise EditError(text("edit_unreadable"))
    return decoded


def _with(entry: Item, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
    return {key: value for key, value in {**entry, **fields}.items() if value is not None}


def _map(entry: Item, field: str) -> dict[str, Any]:
    value = entry.get(field)
    return dict(value) if isinstance(value, Mapping) else {}


def _utterances(entry: Item, language: str) -> Sequence[str]:
    value = _map(entry, "utterances").get(language, [])
    return value if isinstance(value, list) else []
