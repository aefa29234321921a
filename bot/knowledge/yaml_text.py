"""Bytes of a YAML file → plain data: maps, lists and text, nothing else. Pure.

The *failsafe schema* (YAML 1.2.2, §10.1): every scalar is text, so that ``no``, ``2026-01-01``, ``1e3`` or ``12:30``
mean what they say; an empty scalar is ``""``. Anchors, aliases, tags, second documents and duplicate keys are refused:
an agent never needs them, and a few lines of aliases can stand for gigabytes.

The quick pass keeps no line per scalar (at 100,000 entries that would cost more than the text itself); `locate_all`
reads the text once more when there is something to report.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias, Union

import yaml
from yaml import events

from bot.knowledge.problems import Path
from bot.knowledge.yaml_errors import Fault, decode, forbidden_character, merge_conflicts, syntax_fault
from bot.packaged import SafeLoader

MAX_FILE_BYTES = 64 * 1024 * 1024
"""About 80,000 entries of 8 utterances (840 bytes each, benchmarks/load_knowledge.py) in one file; there is no limit
on their sum, so 100,000 and more go through when they are split by subject. Reading takes about eight times the size of
the file in memory: half a gigabyte here, on machines that often have two. No person edits a file of this size."""
MAX_DEPTH = 20
"""The deepest format of ours has five levels."""

Plain: TypeAlias = Union[dict[str, "Plain"], list["Plain"], str]  # noqa: UP007 - `|` cannot hold a forward reference


class Reading(NamedTuple):
    """What a file holds. With faults the file is refused; `value` then serves to find further problems."""

    value: Plain | None
    """None when the file cannot be read to its end."""
    faults: tuple[Fault, ...]
    text: str
    """The decoded text, for `locate_all`."""


def read(data: bytes) -> Reading:
    """The plain data of one YAML file; never raises."""
    if len(data) > MAX_FILE_BYTES:
        what = f"le fichier pèse plus de {MAX_FILE_BYTES // 2**20} Mo, la limite."
        return Reading(None, (Fault(1, what, "Partagez-le en plusieurs fichiers, un par thème."),), "")
    text = decode(data)
    if isinstance(text, Fault):
        return Reading(None, (text,), "")
    faults = merge_conflicts(text) or forbidden_character(text)
    return Reading(None, faults, text) if faults else _read_text(text)


def locate_all(text: str, paths: Iterable[Path]) -> dict[Path, int]:
    r"""The 1-based line of each path or of its nearest ancestor, in one pass and without a tree in memory.

    >>> locate_all("entries:\n  - id: a\n    title: {fr: A}\n", [("entries", 0, "title", "fr")])
    {('entries', 0, 'title', 'fr'): 3}
    """
    wanted = set(paths)
    known = _lines(text, {path[:end] for path in wanted for end in range(1, len(path) + 1)})
    known[()] = 1
    return {path: next(known[path[:end]] for end in range(len(path), -1, -1) if path[:end] in known) for path in wanted}


def _read_text(text: str) -> Reading:
    builder = _Builder()
    faults: list[Fault] = []
    try:
        for event in _events(text):
            builder.take(event)
    except _RefusedError as error:
        faults = [error.fault]
    except (
        yaml.YAMLError,
        ValueError,
        OverflowError,
    ) as error:  # the last two: PyYAML without libyaml, on "\U99999999"
        faults = [syntax_fault(error, text)]
    value = None if faults or builder.unfolds else builder.value()
    return Reading(value, (*builder.faults, *_duplicates(builder.duplicates, text), *faults), text)


def _events(text: str) -> Iterator[events.Event]:
    loader = SafeLoader(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()


def _line(event: events.Event) -> int:
    mark: Any = event.start_mark  # always there; the stubs allow None for events that are made by hand
    return int(mark.line) + 1


def _duplicates(duplicates: Iterable[tuple[Path, int]], text: str) -> Iterator[Fault]:
    duplicates = tuple(duplicates)
    first = locate_all(text, (path for path, _ in duplicates)) if duplicates else {}
    for path, line in duplicates:
        what = f"« {path[-1]} » est déjà écrit à la ligne {first[path]}, au même endroit."
        yield Fault(line, what, "Gardez une seule des deux lignes.")


class _RefusedError(Exception):
    """The file cannot be read further."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Builder:
    """Builds the value event by event, without recursion; notes what is refused."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.duplicates: list[tuple[Path, int]] = []
        self.unfolds = False
        """Something stands for what is written elsewhere: what the file says cannot be judged further."""
        self._anchors: set[str] = set()
        self._documents: list[Any] = []
        self._here: dict[str, Any] | list[Any] = self._documents
        self._key: str | None = None
        self._dropping = False
        """The value to come belongs to a duplicate key."""
        self._open: list[tuple[dict[str, Any] | list[Any], str | None]] = []
        self._said: set[str] = set()
        self._handlers: Mapping[type[events.Event], Callable[[Any], None]] = {
            events.ScalarEvent: self._scalar,
            events.MappingStartEvent: lambda event: self._start(event, {}),
            events.SequenceStartEvent: lambda event: self._start(event, []),
            events.MappingEndEvent: self._end,
            events.SequenceEndEvent: self._end,
            events.AliasEvent: self._alias,
            events.DocumentStartEvent: self._document,
        }

    def take(self, event: events.Event) -> None:
        handler = self._handlers.get(type(event))
        if handler:
            handler(event)

    def value(self) -> Plain:
        plain: Plain = self._documents[0] if self._documents else ""
        return plain

    def _scalar(self, event: events.ScalarEvent) -> None:
        if event.anchor is not None or event.tag is not None:
            self._decorated(event)
        here = self._here
        if self._key is None and type(here) is dict:
            self._take_key(event, here)
        else:
            self._attach(event.value)

    def _take_key(self, event: events.ScalarEvent, here: dict[str, Any]) -> None:
        self._key = event.value
        if event.value in here:
            self._dropping = True
            self.duplicates.append(((*self._path(), event.value), _line(event)))

    def _attach(self, value: Any) -> None:  # noqa: ANN401 - plain data under construction
        here = self._here
        if isinstance(here, list):
            here.append(value)
            return
        if not self._dropping:
            here[self._key or ""] = value
        self._dropping = False
        self._key = None

    def _start(self, event: events.CollectionStartEvent, value: dict[str, Any] | list[Any]) -> None:
        if event.anchor is not None or event.tag is not None:
            self._decorated(event)
        if len(self._open) >= MAX_DEPTH:
            what = f"il y a plus de {MAX_DEPTH} niveaux emboîtés."
            raise _RefusedError(Fault(_line(event), what, "Vérifiez les crochets, les accolades et les retraits."))
        if self._key is None and type(self._here) is dict:
            what = "il faut un mot à gauche de « : », et il y a ici une liste ou un groupe."
            raise _RefusedError(Fault(_line(event), what, "Mettez entre guillemets le texte qui contient { } ou [ ]."))
        frame = (self._here, self._key)
        self._attach(value)
        self._open.append(frame)
        self._here = value

    def _end(self, _event: events.CollectionEndEvent) -> None:
        self._here, _ = self._open.pop()
        self._key = None

    def _alias(self, event: events.AliasEvent) -> None:
        self.unfolds |= event.anchor in self._anchors
        self._decorated(event)
        if self._key is None and type(self._here) is dict:
            self._key = ""
            self._dropping = True
        else:
            self._attach(f"*{event.anchor}")  # a text that begins with a star: what the person meant

    def _document(self, event: events.DocumentStartEvent) -> None:
        if self._documents:
            what = "le fichier contient plusieurs documents, séparés par « --- »."
            raise _RefusedError(Fault(_line(event), what, "Supprimez cette ligne, ou faites deux fichiers."))

    def _decorated(self, event: events.NodeEvent) -> None:
        """Says each kind once a file: a bomb holds hundreds."""
        tag = str(getattr(event, "tag", None)).replace("tag:yaml.org,2002:", "!!")
        if event.anchor is not None and not isinstance(event, events.AliasEvent):
            self._anchors.add(event.anchor)
        name, what = (
            ("tag", f"le type « {tag} » imposé par un point d'exclamation n'est pas accepté.")
            if event.anchor is None
            else ("alias", f"les renvois YAML (« &{event.anchor} » ou « *{event.anchor} ») ne sont pas acceptés.")
        )
        if name not in self._said:
            self._said.add(name)
            remedy = "Recopiez le texte en entier ; s'il commence par &, * ou !, mettez-le entre guillemets."
            self.faults.append(Fault(_line(event), what, remedy))

    def _path(self) -> Path:
        """Where the container that is being filled stands."""
        return tuple(len(where) - 1 if key is None else key for where, key in self._open[1:])


def _lines(text: str, wanted: set[Path]) -> dict[Path, int]:
    lines: dict[Path, int] = {}
    try:
        for path, line in _places(_events(text)):
            if path in wanted:
                lines.setdefault(path, line)
    except (yaml.YAMLError, ValueError, OverflowError):
        pass  # the fault is told by `read`; what stands above it has its line
    return lines


class _Frame:
    """A map or list that is being passed through."""

    def __init__(self, path: Path, *, mapping: bool) -> None:
        self._path = path
        self._mapping = mapping
        self._key: str | None = None
        self._index = -1

    def take(self, event: events.NodeEvent) -> tuple[Path, bool]:
        """The path of the node, and whether it is the first node of that path (the key of a value)."""
        if not self._mapping:
            self._index += 1
            return (*self._path, self._index), True
        if self._key is None:
            self._key = str(getattr(event, "value", ""))
            return (*self._path, self._key), True
        path = (*self._path, self._key)
        self._key = None
        return path, False


def _places(stream: Iterable[events.Event]) -> Iterator[tuple[Path, int]]:
    """Each key and each list item with its line."""
    frames: list[_Frame] = []
    for event in stream:
        if isinstance(event, events.CollectionEndEvent):
            frames.pop()
        elif isinstance(event, events.NodeEvent):
            path, first = frames[-1].take(event) if frames else ((), False)
            if first:
                yield path, _line(event)
            if isinstance(event, events.CollectionStartEvent):
                frames.append(_Frame(path, mapping=isinstance(event, events.MappingStartEvent)))
