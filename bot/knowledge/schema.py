"""What each file may hold: pydantic models. `schema_errors` puts their complaints in French. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.knowledge.model import Entry, HandOver, Kind, Menu, Source, Status, Vocabulary

MAX_TITLE = 40
"""The label of a Telegram button on a phone."""
MAX_ANSWER = 4000
"""A message holds 4,096 characters (core.telegram.org/bots/api#sendmessage); the rest is for the source line."""
MAX_START = 2

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# NUL cannot be stored by PostgreSQL; none of the others has a place in a message.
PRINTABLE = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*$"
ID = r"^[a-z0-9-]{1,48}$"
LANGUAGE = r"^[a-z]{2,3}$"


def _date(value: object) -> date:
    """Only YYYY-MM-DD: pydantic's own reader takes ``1700000000`` for a date too."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("real_date", "not a date")


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or any(map(str.isspace, value)):
        raise PydanticCustomError("web_address", "not a web address")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=PRINTABLE)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE, pattern=PRINTABLE)]
Answer = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ANSWER, pattern=PRINTABLE)
]
Id = Annotated[str, StringConstraints(pattern=ID)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]
Day = Annotated[date, BeforeValidator(_date)]
Url = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_url)]
Sentences = Annotated[list[Text], Field(min_length=1)]
_Ids = Annotated[list[Id], Field(default_factory=list)]
"""A factory: pydantic copies a default `[]` deeply for each of 100,000 entries."""


class Form(BaseModel):
    """Refuses what it does not know: a misspelt field must not be lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class ValidityForm(Form):
    start: Day | None = Field(None, alias="from")
    until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "ValidityForm":
        if self.start and self.until and self.start > self.until:
            raise PydanticCustomError("date_order", "from is after until")
        return self


class EntryForm(Form):
    """One item of ``entries/*.yaml``."""

    id: Id
    title: Annotated[dict[Language, Title], Field(min_length=1)]
    utterances: Annotated[dict[Language, Sentences], Field(min_length=1)]
    answer: Annotated[dict[Language, Answer], Field(min_length=1)]
    kind: Kind = Kind.FACT
    sources: _Ids
    status: Status = Status.CONFIRMED
    hand_over: HandOver = HandOver.OFFER
    valid: ValidityForm | None = None
    follow_ups: _Ids
    unconfirmed_translations: Annotated[list[Language], Field(default_factory=list)]

    def to_model(self) -> Entry:
        return Entry(
            id=self.id,
            title=MappingProxyType(self.title),
            utterances=frozen(self.utterances),
            answer=MappingProxyType(self.answer),
            kind=self.kind,
            sources=tuple(self.sources),
            status=self.status,
            hand_over=self.hand_over,
            valid_from=self.valid.start if self.valid else None,
            valid_until=self.valid.until if self.valid else None,
            follow_ups=tuple(self.follow_ups),
            unconfirmed_translations=frozenset(self.unconfirmed_translations),
        )


class SourceForm(Form):
    """One item of ``sources.yaml``."""

    id: Id
    title: Text
    url: Url
    checked: Day
    published: Text | None = None

    def to_model(self) -> Source:
        return Source(**self.model_dump())


class EntriesFile(Form):
    entries: list[Any]
    """Validated one by one, so that each problem has its entry."""


class SourcesFile(Form):
    sources: list[Any]


class OutOfScopeForm(Form):
    sentences: dict[Language, Sentences]


class VocabularyForm(Form):
    abbreviations: dict[Language, dict[Text, Text]] = {}
    synonyms: dict[Language, dict[Text, Text]] = {}
    names: dict[Text, Sentences] = {}

    def to_model(self) -> Vocabulary:
        return Vocabulary(
            abbreviations=_frozen_maps(self.abbreviations),
            synonyms=_frozen_maps(self.synonyms),
            names=frozen(self.names),
        )


class MenuForm(Form):
    start: Annotated[list[Id], Field(max_length=MAX_START)] = []
    help: _Ids
    contact: Id | None = None

    def to_model(self) -> Menu:
        return Menu(start=tuple(self.start), help=tuple(self.help), contact=self.contact)


def frozen(lists: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(values) for key, values in lists.items()})


def _frozen_maps(maps: Mapping[str, dict[str, str]]) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType({key: MappingProxyType(values) for key, values in maps.items()})
