"""A question that was not answered becomes knowledge: one more way to ask, or a new entry. Pure.

The wording is the asker's, which is how people write; an agent may change it, to take out what names a person.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.editing.edit import (
    SOURCES,
    Edit,
    Files,
    edit_entry,
    find_entry,
    is_retired,
    items,
    new_entry,
    new_source,
    with_utterance,
)
from bot.editing.texts import EditError, text
from bot.editing.yaml_edit import Item
from bot.knowledge.checks import comparable
from bot.knowledge.contents import kind_of
from bot.knowledge.model import DEFAULT_LANGUAGE, LANGUAGES
from bot.privacy.masking import EMAIL, IBAN, NIR, PHONE, mask

_ID_LENGTH = 44
"""With a number after it an id stays below the 48 characters that the knowledge allows."""


@dataclass(frozen=True, slots=True)
class NewSource:
    title: str
    url: str
    checked: date
    """The day on which the agent read it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A new entry as an agent writes it."""

    title: str
    answer: str
    sources: tuple[str, ...] = ()
    """Ids of known ones."""
    new_sources: tuple[NewSource, ...] = ()
    language: str = DEFAULT_LANGUAGE
    """Of title and answer."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """Others, as the file spells them: `status`, `hand_over`, `owner`…"""


def utterance_edit(files: Files, entry: str, wording: str, language: str) -> Edit:
    """The asker's wording as one more way to ask for `entry`.

    Raises:
        EditError: no such entry, or it is retired, or an entry has that wording already, or it holds personal data.
    """
    check_wording(files, wording, but=entry)
    item = find_entry(files, entry)[1]
    if is_retired(item):
        raise EditError(text("promote_retired", entry=entry))
    return edit_entry(files, entry, with_utterance(item, spoken(language), wording))


def entry_edits(files: Files, path: str, draft: Draft, wording: str, language: str) -> tuple[Edit, ...]:
    """A new entry at the end of the file `path`, asked for by the asker's wording, with its new sources.

    Raises:
        EditError: an entry has that wording already, or it holds personal data.
    """
    check_wording(files, wording)
    edits, names = source_edits(files, draft.new_sources)
    cited = [*draft.sources, *names]
    entry = {
        "id": free_entry_id(files, draft.title),
        "title": {draft.language: draft.title},
        "utterances": {spoken(language): [" ".join(wording.split())]},
        "answer": {draft.language: draft.answer},
        **({"sources": cited} if cited else {}),
        **draft.fields,
    }
    return (*edits, new_entry(path, entry))


def source_edits(files: Files, sources: Sequence[NewSource]) -> tuple[list[Edit], list[str]]:
    """The sources as new lines of `sources.yaml`, and the ids that they get."""
    taken = {str(item.get("id")) for item in items(files, SOURCES)}
    names: list[str] = []
    for source in sources:
        names.append(_free_id(source.title, taken | set(names)))
    written = (
        {"id": name, "title": source.title, "url": source.url, "checked": f"{source.checked:%Y-%m-%d}"}
        for name, source in zip(names, sources, strict=True)
    )
    return list(map(new_source, written)), names


def free_entry_id(files: Files, title: str) -> str:
    """An id made of the title, that no entry has."""
    return _free_id(title, {str(item.get("id")) for item in _entries(files)})


def check_personal(wording: str) -> None:
    """Raises: EditError: it holds personal data."""
    masked = mask(wording)
    if found := next((word for word in (EMAIL, PHONE, NIR, IBAN) if word in masked), None):
        raise EditError(text("promote_personal", what=found))


def check_wording(files: Files, wording: str, but: str = "") -> None:
    """What is kept in the files is read by many, and asks for one entry only.

    Raises:
        EditError: it holds personal data, or another entry than `but` has it already; a retired one does not count.
    """
    check_personal(wording)
    for item in _entries(files):
        kept = item.get("utterances")
        said = (each for texts in kept.values() for each in texts) if isinstance(kept, Mapping) else ()
        if item.get("id") != but and not is_retired(item) and comparable(wording) in map(comparable, said):
            raise EditError(text("promote_known", entry=item.get("id")))


def spoken(language: str) -> str:
    """The language under which a wording is kept; what we do not speak counts as French."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def _entries(files: Files) -> Iterator[Item]:
    for path in sorted(files):
        if kind_of(path) == "entries":
            yield from items(files, path)


def _free_id(title: str, taken: set[str]) -> str:
    """An id that says what the title says.

    >>> _free_id("Où se garer à l'Hôtel ?", {"ou-se-garer-a-l-hotel"})
    'ou-se-garer-a-l-hotel-2'
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_ID_LENGTH].strip("-") or "fiche"
    numbered = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in numbered if each not in taken)
