"""One item of a YAML list is changed, and the lines of nothing else. Pure: text → text.

The text is cut at the lines of the smallest thing that differs (a key, an item of a list); ruamel.yaml writes only
that. What comes out is read again before it is given back: it says what was asked for, or the edit is
refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, NamedTuple

import yaml

from bot.editing.texts import EditError, text
from bot.editing.yaml_style import Path, on_one_line, replaced, written
from bot.knowledge.yaml_text import locate_all, read
from bot.packaged import SafeLoader

Item = Mapping[str, Any]
"""An entry or a source as plain data: maps, lists and text, as the file spells it."""


def items_of(source: str, root: str) -> list[dict[str, Any]]:
    """The items under the key `root`.

    Raises:
        EditError: the text cannot be read.
    """
    value = read(source.encode()).value
    found = value.get(root) if isinstance(value, dict) else None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise EditError(text("edit_unreadable"))
    return found  # type: ignore[return-value]  # all are maps


def rewrite(source: str, root: str, name: str, new: Item | None) -> str:
    """`source` with `new` as the item whose id is `name`: changed, added at the end, or taken out (None).

    Texts that differ by the white space around them are the same: the knowledge is read without it.

    Raises:
        EditError: the text cannot be read, or is written in a way that cannot be kept.
    """
    if "\r" in source.replace("\r\n", ""):
        raise EditError(text("edit_unreadable"))
    items = items_of(source, root)
    index = next((number for number, item in enumerate(items) if item.get("id") == name), None)
    if index is None:
        wanted = [*items, new] if new else items
    else:
        wanted = [*items[:index], *([new] if new else []), *items[index + 1 :]]
    if stripped(wanted) == stripped(items):
        return source
    for attempt in (_by_lines, _whole):
        try:
            result = attempt(source, root, items, index, new)
        except _OtherwiseWrittenError:
            continue
        if _says(result, root, wanted):
            return result
    raise EditError(text("edit_not_kept"))


class _OtherwiseWrittenError(Exception):
    """The text is not laid out as one thing a line."""


class _Splice(NamedTuple):
    start: int
    end: int
    lines: Sequence[str]


class _Place(NamedTuple):
    """A key with its value, or an item of a list: whole lines."""

    start: int
    end: int
    """Without the blank lines and remarks that follow: they belong to what comes next."""
    column: int


def _by_lines(source: str, root: str, items: Sequence[Item], index: int | None, new: Item | None) -> str:
    if not items or (new is None and len(items) == 1):
        raise _OtherwiseWrittenError
    number = len(items) - 1 if index is None else index
    places = locate_all(source, [(root, number), (root, number + 1)])
    start, following = (places[root, near] - 1 for near in (number, number + 1))
    page = _Page(source)
    place = page.item(start, following if number + 1 < len(items) else len(page))
    if new is None:
        page.drop_item(place)
    elif index is None:
        page.add_item(place, new)
    else:
        page.change_item(place, items[index], new)
    return page.spliced()


def _whole(source: str, root: str, _items: Sequence[Item], index: int | None, new: Item | None) -> str:
    """The same, when the lines cannot be told apart: the file is written anew, with its remarks."""
    lines = source.replace("\r\n", "\n").split("\n")
    result = "\n".join(replaced(lines, (root, index), new))
    return result.replace("\n", "\r\n") if "\r\n" in source else result


def _says(source: str, root: str, wanted: Sequence[Item]) -> bool:
    reading = read(source.encode())
    value = reading.value if not reading.faults else None
    return isinstance(value, dict) and stripped(value.get(root)) == stripped(list(wanted))


def stripped(plain: Any) -> Any:  # noqa: ANN401 - plain data of any depth
    """Without the white space around texts, which the knowledge is read without."""
    if isinstance(plain, Mapping):
        return {key: stripped(value) for key, value in plain.items()}
    return [stripped(value) for value in plain] if isinstance(plain, list | tuple) else plain.strip()


class _Page:
    """The lines of a file, and what takes the place of some of them."""

    def __init__(self, source: str) -> None:
        self._carriage = "\r" if "\r\n" in source else ""
        self._lines = source.split("\n")
        self._splices: list[_Splice] = []
        self._top = 0
        """The line from which the marks of nodes count."""

    def __len__(self) -> int:
        return len(self._lines)

    def spliced(self) -> str:
        lines = list(self._lines)
        for start, end, new in sorted(self._splices, reverse=True):
            lines[start:end] = [line + self._carriage for line in new]
        return "\n".join(lines)

    def item(self, start: int, end: int) -> _Place:
        """The place of a list item that begins with its dash on the line `start`."""
        column = _indentation(self._lines[start])
        if not self._lines[start][column:].startswith("- "):
            raise _OtherwiseWrittenError
        return self._place(start, end, column)

    def add_item(self, after: _Place, new: Item) -> None:
        braces = self._lines[after.start][after.column :].startswith("- {")
        lines = written([new], after.column, one_line=braces)
        self._splices.append(_Splice(after.end, after.end, lines if braces else ["", *lines]))

    def drop_item(self, place: _Place) -> None:
        blank = place.start > 0 and not self._lines[place.start - 1].strip()
        self._splices.append(_Splice(place.start - blank, place.end, []))

    def change_item(self, place: _Place, old: Item, new: Item) -> None:
        self._top = place.start
        sequence = yaml.compose("\n".join(self._bare_lines(place)), Loader=SafeLoader)
        node = sequence.value[0] if isinstance(sequence, yaml.SequenceNode) else None
        self._change(node, place, (0,), old, new)

    def _change(self, node: Any, place: _Place, path: Path, old: Any, new: Any) -> None:  # noqa: ANN401 - of any kind
        """Bring what stands at `place` from `old` to `new`."""
        if stripped(old) == stripped(new):
            return
        before = len(self._splices)
        try:
            if new and isinstance(node, yaml.MappingNode) and not node.flow_style and isinstance(new, Mapping):
                self._change_map(node, place, path, old, new)
                return
            if new and isinstance(node, yaml.SequenceNode) and not node.flow_style and isinstance(new, list):
                self._change_list(node, place, path, old, new)
                return
        except _OtherwiseWrittenError:
            del self._splices[before:]
        if not self._append_in_brackets(node, path, old, new):
            self._replace(place, path, new)

    def _change_map(self, node: yaml.MappingNode, place: _Place, path: Path, old: Item, new: Item) -> None:
        starts = [self._top + key.start_mark.line for key, _ in node.value]
        columns = [key.start_mark.column for key, _ in node.value]
        places = [self._place(*each) for each in zip(starts, _ends(starts, place.end), columns, strict=True)]
        for (key, value), child in zip(node.value, places, strict=True):
            if key.value in new:
                self._change(value, child, (*path, key.value), old[key.value], new[key.value])
            else:
                self._drop(child)
        if added := {key: value for key, value in new.items() if key not in old}:
            end = places[-1].end
            self._splices.append(_Splice(end, end, written(added, columns[0], path)))

    def _change_list(
        self, node: yaml.SequenceNode, place: _Place, path: Path, old: Sequence[Any], new: Sequence[Any]
    ) -> None:
        starts = [self._top + item.start_mark.line for item in node.value]
        places = [self.item(start, end) for start, end in zip(starts, _ends(starts, place.end), strict=True)]
        for _, first, last, start, end in _differences(old, new):
            kept = min(last - first, end - start)
            for number in range(kept):
                self._replace(places[first + number], (*path, first + number), new[start + number])
            for child in places[first + kept : last]:
                self._drop(child)
            if more := new[start + kept : end]:
                at = places[last - 1].end if last else places[0].start
                self._splices.append(_Splice(at, at, written(more, places[0].column, path)))

    def _append_in_brackets(self, node: Any, path: Path, old: Any, new: Any) -> bool:  # noqa: ANN401 - of any kind
        """Behind the last item, on a line of its own if the list has several; False when something else differs."""
        if isinstance(node, yaml.MappingNode) and isinstance(new, Mapping) and old.keys() == new.keys():
            differ = [
                (key.value, value) for key, value in node.value if stripped(old[key.value]) != stripped(new[key.value])
            ]
            (key, value), *others = differ
            return not others and self._append_in_brackets(value, (*path, key), old[key], new[key])
        if not isinstance(node, yaml.SequenceNode) or not node.flow_style or not old or new[: len(old)] != old:
            return False
        last = node.value[-1].end_mark
        number = self._top + last.line
        line = self._lines[number].rstrip("\r")
        texts = ", ".join(on_one_line(each, path) for each in new[len(old) :])
        if node.start_mark.line == node.end_mark.line:
            lines = [f"{line[: last.column]}, {texts}{line[last.column :]}"]
        else:
            lines = [f"{line[: last.column]},", f"{' ' * _indentation(line)}{texts}{line[last.column :]}"]
        self._splices.append(_Splice(number, number + 1, lines))
        return True

    def _drop(self, place: _Place) -> None:
        if self._lines[place.start][: place.column].strip():
            raise _OtherwiseWrittenError  # the dash of a list stands before it
        self._splices.append(_Splice(place.start, place.end, []))

    def _replace(self, place: _Place, path: Path, new: Any) -> None:  # noqa: ANN401 - plain data
        column = place.column
        first, *others = self._bare_lines(place)
        body = [first[column:], *(line[min(column, _indentation(line)) :] for line in others)]
        step = path[-1] if isinstance(path[-1], str) else 0
        lines = replaced(body, (step,), new, path[:-1])
        indented = [" " * column + line if line else line for line in lines]
        self._splices.append(_Splice(place.start, place.end, [first[:column] + lines[0], *indented[1:]]))

    def _place(self, start: int, end: int, column: int) -> _Place:
        while end > start + 1 and _follows(self._lines[end - 1], column):
            end -= 1
        return _Place(start, end, column)

    def _bare_lines(self, place: _Place) -> list[str]:
        return [line.rstrip("\r") for line in self._lines[place.start : place.end]]


def _ends(starts: Sequence[int], end: int) -> list[int]:
    """Where what begins at `starts` ends; each has lines of its own."""
    if any(first >= second for first, second in pairwise(starts)):
        raise _OtherwiseWrittenError
    return [*starts[1:], end]


def _follows(line: str, column: int) -> bool:
    """True for a blank line, and for a remark that is not inside what begins at `column`."""
    words = line.strip()
    return not words or (words.startswith("#") and _indentation(line) <= column)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _differences(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[str, int, int, int, int]]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return (code for code in matcher.get_opcodes() if code[0] != "equal")
