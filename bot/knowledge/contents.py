"""Files → typed values with their places, and what stands against each file by itself. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Generic, NamedTuple, TypeVar

from bot.knowledge.eligibility import Interview
from bot.knowledge.eligibility_forms import EligibilityFile, InterviewForm
from bot.knowledge.hours import OpeningHours
from bot.knowledge.model import LANGUAGES, Entry, Kind, Menu, Source, Vocabulary
from bot.knowledge.opportunities import Opportunity
from bot.knowledge.opportunity_forms import OpportunitiesFile, OpportunityForm
from bot.knowledge.problems import WHOLE_FILE, Finding, Place, Problem
from bot.knowledge.schema import (
    EntriesFile,
    EntryForm,
    Form,
    HoursForm,
    MenuForm,
    OutOfScopeForm,
    SourceForm,
    SourcesFile,
    ValidityForm,
    VocabularyForm,
    frozen,
)
from bot.knowledge.schema_errors import nearest, validate, validate_texts
from bot.knowledge.yaml_text import Plain, read

_Value = TypeVar("_Value")
_Form = TypeVar("_Form", bound=Form)

UNCHECKED = ("contacts.yaml",)
"""Only read as YAML for now."""
_SINGLE = (
    "sources.yaml",
    "out_of_scope.yaml",
    "vocabulary.yaml",
    "menu.yaml",
    "hours.yaml",
    "opportunities.yaml",
    "eligibility.yaml",
    *UNCHECKED,
)
_NEAR_FILE = 80
"""Higher than for fields: an unknown file is most often one of entries that was put a level too high."""
_MESSAGES = tuple(f"messages/{language}.yaml" for language in LANGUAGES)


class Placed(NamedTuple, Generic[_Value]):
    """A value with where it stands and the name that problems give it."""

    value: _Value
    place: Place
    owner: str

    def at(self, *path: str | int) -> Place:
        return Place(self.place.file, self.place.path + path)


@dataclass(slots=True)
class Contents:
    """All that the files of a folder say, as far as it could be read."""

    entries: list[Placed[Entry]] = field(default_factory=list)
    """With the well-formed part of the entries that have problems: references to them must not count as unknown."""
    sources: list[Placed[Source | None]] = field(default_factory=list)
    source_ids: dict[str, Place] = field(default_factory=dict)
    messages: list[Placed[dict[str, str]]] = field(default_factory=list)
    """The owner is the language."""
    out_of_scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    menu: Placed[Menu] | None = None
    hours: Placed[OpeningHours] | None = None
    opportunities: list[Placed[Opportunity]] = field(default_factory=list)
    opportunity_ids: list[Placed[str]] = field(default_factory=list)
    """Also of the offers that have problems."""
    opportunity_topics: Placed[tuple[str, ...]] | None = None
    interviews: list[Placed[Interview]] = field(default_factory=list)
    interview_ids: list[Placed[str]] = field(default_factory=list)
    """Also of the interviews that have problems."""
    interviews_known: bool = True
    entries_known: bool = True
    """False when a file of entries could not be read: nobody can tell which ids exist."""
    sources_known: bool = True
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def in_use(self) -> list[Placed[Entry]]:
        """The entries that are not retired: a retired one keeps its words, and takes them from nobody."""
        return [placed for placed in self.entries if not placed.value.retired]


def kind_of(path: str) -> str | None:
    """``entries``, ``messages`` or the name of the file; None when no such file has a place in the folder.

    >>> kind_of("entries/partenaires.yaml"), kind_of("partenaires.yaml")
    ('entries', None)
    """
    pure = PurePosixPath(path)
    if str(pure.parent) == "entries" and pure.suffix == ".yaml":
        return "entries"
    if path in _MESSAGES:
        return "messages"
    return path if path in _SINGLE else None


def belongs(path: str) -> tuple[str, str]:
    """What is wrong with the place or the name of a YAML file, and where it should go.

    >>> belongs("source.yml")[1]
    'Renommez-le « sources.yaml ».'
    """
    pure = PurePosixPath(path)
    wanted = str(pure.with_suffix(".yaml"))
    if kind_of(wanted):
        return f"le nom finit par « {pure.suffix} », il faut « .yaml ».", f"Renommez-le « {wanted} »."
    if pure.parts[0] == "messages":
        return "ce n'est pas une langue de l'interface.", f"Les fichiers possibles sont {', '.join(_MESSAGES)}."
    near = nearest(wanted, list(_SINGLE), _NEAR_FILE) if len(pure.parts) == 1 else None
    if near:
        return "ce fichier n'est pas connu.", f"Renommez-le « {near} »."
    return "ce fichier YAML n'est pas à sa place.", f"Des entrées vont dans « entries/{pure.stem}.yaml »."


def read_contents(files: Mapping[str, bytes]) -> Contents:
    contents = Contents()
    for path in sorted(files):
        _read_file(contents, path, files[path])
    return contents


def _read_file(contents: Contents, path: str, data: bytes) -> None:
    kind = kind_of(path)
    if kind is None:
        contents.problems.append(Problem(path, 1, WHOLE_FILE, *belongs(path)))
        return
    value, faults, _ = read(data)
    contents.problems.extend(Problem(path, line, WHOLE_FILE, what, remedy) for line, what, remedy in faults)
    if value is None:
        lose(contents, kind)
    elif kind not in UNCHECKED:
        _take(contents, kind, path, value)


def lose(contents: Contents, kind: str | None) -> None:
    """Notes that a file of this kind could not be read."""
    contents.entries_known &= kind != "entries"
    contents.sources_known &= kind != "sources.yaml"
    contents.interviews_known &= kind != "eligibility.yaml"


def _take(contents: Contents, kind: str, path: str, value: Plain) -> None:
    place = Place(path, ())
    if value == "":
        remedy = "Complétez-le, ou supprimez-le s'il ne sert pas."
        contents.findings.append(Finding(place, WHOLE_FILE, ("le fichier est vide.",), remedy))
        lose(contents, kind)
    else:
        _TAKERS[kind](contents, place, value)


def _valid(contents: Contents, form: type[_Form], data: Plain, place: Place, owner: str = "") -> _Form | None:
    result = validate(form, data, place, owner)
    if isinstance(result, list):
        contents.findings.extend(result)
        return None
    return result


def _take_entries(contents: Contents, place: Place, value: Plain) -> None:
    file = _valid(contents, EntriesFile, value, place)
    if file is None:
        lose(contents, "entries")
        return
    for index, item in enumerate(file.entries):
        owner = _owner(item) or f"entries.{index + 1}"
        where = Place(place.file, ("entries", index))
        form = _valid(contents, EntryForm, item, where, owner)
        entry = form.to_model() if form else _salvage(item)
        contents.entries.append(Placed(entry, where, owner))


def _take_sources(contents: Contents, place: Place, value: Plain) -> None:
    file = _valid(contents, SourcesFile, value, place)
    if file is None:
        lose(contents, "sources.yaml")
        return
    for index, item in enumerate(file.sources):
        name = _owner(item)
        owner = f"sources.{name or index + 1}"
        where = Place(place.file, ("sources", index))
        form = _valid(contents, SourceForm, item, where, owner)
        contents.sources.append(Placed(form.to_model() if form else None, where, owner))
        _declare_source(contents, name, owner, where)


def _declare_source(contents: Contents, name: str, owner: str, where: Place) -> None:
    first = contents.source_ids.setdefault(name, where) if name else where
    if first != where:
        what = ("cet identifiant est déjà pris, à ", first, ".")
        here = Place(where.file, (*where.path, "id"))
        contents.findings.append(Finding(here, f"{owner}.id", what, "Donnez à chaque source son identifiant."))


def _take_messages(contents: Contents, place: Place, value: Plain) -> None:
    texts = validate_texts(value, place, "messages")
    if isinstance(texts, list):
        contents.findings.extend(texts)
        texts = _texts(value)
    contents.messages.append(Placed(texts, place, PurePosixPath(place.file).stem))


def _take_out_of_scope(contents: Contents, place: Place, value: Plain) -> None:
    form = _valid(contents, OutOfScopeForm, value, place)
    if form:
        contents.out_of_scope = frozen(form.sentences)


def _take_vocabulary(contents: Contents, place: Place, value: Plain) -> None:
    form = _valid(contents, VocabularyForm, value, place)
    if form:
        contents.vocabulary = form.to_model()


def _take_menu(contents: Contents, place: Place, value: Plain) -> None:
    form = _valid(contents, MenuForm, value, place, "menu")
    if form:
        contents.menu = Placed(form.to_model(), place, "menu")


def _take_hours(contents: Contents, place: Place, value: Plain) -> None:
    form = _valid(contents, HoursForm, value, place, "hours")
    if form:
        contents.hours = Placed(form.to_model(), place, "hours")


def _take_opportunities(contents: Contents, place: Place, value: Plain) -> None:
    file = _valid(contents, OpportunitiesFile, value, place, "opportunities")
    if file is None:
        return
    contents.opportunity_topics = Placed(tuple(file.topics), place, "opportunities")
    for item, where, owner in _items(file.opportunities, place, "opportunities", contents.opportunity_ids):
        form = _valid(contents, OpportunityForm, item, where, owner)
        if form:
            contents.opportunities.append(Placed(form.to_model(), where, owner))


def _items(
    items: Sequence[Plain], place: Place, key: str, ids: list[Placed[str]]
) -> Iterator[tuple[Plain, Place, str]]:
    """Each record of the list `key` with its place and what to call it; its id, valid or not, is noted in `ids`."""
    for index, item in enumerate(items):
        name = _owner(item)
        owner = name or f"{key}.{index + 1}"
        where = Place(place.file, (key, index))
        yield item, where, owner
        if name:
            ids.append(Placed(name, where, owner))


def _take_eligibility(contents: Contents, place: Place, value: Plain) -> None:
    file = _valid(contents, EligibilityFile, value, place, "eligibility")
    if file is None:
        lose(contents, "eligibility.yaml")
        return
    for item, where, owner in _items(file.interviews, place, "interviews", contents.interview_ids):
        form = _valid(contents, InterviewForm, item, where, owner)
        if form:
            contents.interviews.append(Placed(form.to_model(), where, owner))


_TAKERS: Mapping[str, Callable[[Contents, Place, Plain], None]] = {
    "entries": _take_entries,
    "sources.yaml": _take_sources,
    "messages": _take_messages,
    "out_of_scope.yaml": _take_out_of_scope,
    "vocabulary.yaml": _take_vocabulary,
    "menu.yaml": _take_menu,
    "hours.yaml": _take_hours,
    "opportunities.yaml": _take_opportunities,
    "eligibility.yaml": _take_eligibility,
}


def _owner(item: object) -> str:
    name = item.get("id") if isinstance(item, dict) else None
    return name if isinstance(name, str) else ""


def _salvage(item: object) -> Entry:
    """What can be told of an entry that has problems; what is not well-formed counts as absent."""
    data: dict[str, Any] = item if isinstance(item, dict) else {}
    answer = _texts(data.get("answer"))
    fact = bool(data) and data.get("kind", Kind.FACT) in (Kind.FACT, Kind.EMERGENCY)
    sources_readable = "sources" not in data or _names(data["sources"])
    validity = validate(ValidityForm, data.get("valid", {}), Place("", ()), "")
    return Entry(
        id=_owner(item),
        title=_texts(data.get("title")),
        utterances=_sentences(data.get("utterances")),
        answer=answer,
        kind=Kind.FACT if fact and sources_readable else Kind.BEHAVIOUR,
        sources=_names(data.get("sources")),
        follow_ups=_names(data.get("follow_ups")),
        valid_until=None if isinstance(validity, list) else validity.until,
        unconfirmed_translations=frozenset(_names(data.get("unconfirmed_translations")) if answer else ()),
        retired=_text(data.get("retired")) == "true",
        interview=_text(data.get("interview")),
        must_match=_sentences(data.get("must_match")),
        must_not_match=_sentences(data.get("must_not_match")),
    )


def _sentences(data: object) -> dict[str, tuple[str, ...]]:
    items = data.items() if isinstance(data, dict) else ()
    return {language: _names(sentences) for language, sentences in items}


def _text(data: object) -> str | None:
    return data if isinstance(data, str) else None


def _texts(data: object) -> dict[str, str]:
    items = data.items() if isinstance(data, dict) else ()
    return {key: text for key, text in items if isinstance(text, str) and text.strip()}


def _names(data: object) -> tuple[str, ...]:
    """The list as it is, or nothing: positions must stay those of the file."""
    return tuple(data) if isinstance(data, list) and all(isinstance(name, str) for name in data) else ()
