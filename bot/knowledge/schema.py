"""What each file may hold: pydantic models. `schema_errors` puts their complaints in French. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot.knowledge.hours import Closure, OpeningHours, Period, holidays_of
from bot.knowledge.model import AnswerPeriod, Call, Entry, HandOver, Kind, Menu, Source, Status, Vocabulary

MAX_TITLE = 40
"""The label of a Telegram button on a phone."""
MAX_ANSWER = 4000
"""A message holds 4,096 characters (core.telegram.org/bots/api#sendmessage); the rest is for the source line."""
MAX_START = 2

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PERIOD = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)
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


def _period(value: object) -> Period:
    """`09:00-12:00`, up to `24:00`."""
    parts = _PERIOD.fullmatch(value.strip()) if isinstance(value, str) else None
    if parts is None:
        raise PydanticCustomError("opening_time", "not two times of a day")
    hour, minute, last_hour, last_minute = map(int, parts.groups())
    period = Period(hour * 60 + minute, last_hour * 60 + last_minute)
    if period.closes > 24 * 60:
        raise PydanticCustomError("opening_time", "later than 24:00")
    if period.opens >= period.closes:
        raise PydanticCustomError("opening_order", "closes before it opens")
    return period


def _apart(periods: list[Period]) -> list[Period]:
    in_order = sorted(periods)
    for first, second in pairwise(in_order):
        if second.opens < first.closes:
            raise PydanticCustomError("opening_overlap", "overlap", {"first": str(first), "second": str(second)})
    return in_order


def _in_turn(periods: "list[AnswerPeriodForm]") -> "list[AnswerPeriodForm]":
    for first, second in pairwise(periods):
        if second.until <= first.until:
            raise PydanticCustomError("periods_order", "no later than the one before", {"day": second.until})
    return periods


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (LookupError, ValueError, OSError):  # the last two: what can be no name, such as ".." or a folder's
        raise PydanticCustomError("time_zone", "not a time zone") from None


def _area(value: str) -> str:
    try:
        holidays_of(value, 2000)
    except LookupError:
        raise PydanticCustomError("holiday_area", "no such area") from None
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
_Periods = Annotated[list[Annotated[Period, PlainValidator(_period)]], AfterValidator(_apart)]
_Ids = Annotated[list[Id], Field(default_factory=list)]
"""A factory: pydantic copies a default `[]` deeply for each of 100,000 entries."""
_Guarded = Annotated[dict[Language, Sentences], Field(default_factory=dict)]


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


class AnswerPeriodForm(Form):
    until: Day
    answer: Annotated[dict[Language, Answer], Field(min_length=1)]

    def to_model(self) -> AnswerPeriod:
        return AnswerPeriod(self.until, MappingProxyType(self.answer))


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
    frozen: bool = False
    retired: bool = False
    owner: Text | None = None
    periods: Annotated[list[AnswerPeriodForm], AfterValidator(_in_turn), Field(default_factory=list)]
    interview: Id | None = None
    must_match: _Guarded
    must_not_match: _Guarded
    call: ValidityForm | None = None

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
            frozen=self.frozen,
            retired=self.retired,
            owner=self.owner,
            periods=tuple(period.to_model() for period in self.periods),
            interview=self.interview,
            must_match=frozen(self.must_match),
            must_not_match=frozen(self.must_not_match),
            call=Call(self.call.start, self.call.until) if self.call else None,
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


class WeekForm(Form):
    """The fields are the days as agents write them; a day that is left out is closed."""

    lundi: _Periods = []
    mardi: _Periods = []
    mercredi: _Periods = []
    jeudi: _Periods = []
    vendredi: _Periods = []
    samedi: _Periods = []
    dimanche: _Periods = []

    @model_validator(mode="after")
    def _opens(self) -> "WeekForm":
        if not any(periods for _, periods in self):
            raise PydanticCustomError("never_open", "no period at all")
        return self


class ClosureForm(Form):
    start: Day = Field(alias="from")
    until: Day
    why: dict[Language, Text] = {}

    @model_validator(mode="after")
    def _in_order(self) -> "ClosureForm":
        if self.start > self.until:
            raise PydanticCustomError("date_order", "from is after until")
        return self

    def to_model(self) -> Closure:
        return Closure(self.start, self.until, MappingProxyType(self.why))


class HoursForm(Form):
    """`hours.yaml`."""

    timezone: Annotated[ZoneInfo, PlainValidator(_zone)]
    week: WeekForm
    public_holidays: Annotated[str, AfterValidator(_area)] | None = None
    closures: list[ClosureForm] = []
    source: Id

    def to_model(self) -> OpeningHours:
        return OpeningHours(
            zone=self.timezone,
            week=tuple(tuple(periods) for _, periods in self.week),
            source=self.source,
            public_holidays=self.public_holidays,
            closures=tuple(closure.to_model() for closure in self.closures),
        )


def frozen(lists: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(values) for key, values in lists.items()})


def _frozen_maps(maps: Mapping[str, dict[str, str]]) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType({key: MappingProxyType(values) for key, values in maps.items()})
