"""What `opportunities.yaml` may hold: pydantic models. Pure."""

from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.knowledge.opportunities import (
    EUROPEAN_UNION,
    WORLD,
    Dates,
    Link,
    Opportunity,
    OpportunityKind,
    OpportunityStatus,
    Span,
    country_codes,
)
from bot.knowledge.schema import PRINTABLE, Day, Form, Id, Language, Text, Title, Url

MAX_SUMMARY = 300
"""Three of them and what stands around them stay one message that is read on a phone."""
_OLDEST = 120


def _number(value: object) -> int:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= 6:
        return int(value)
    raise PydanticCustomError("whole_number", "not a whole number")


def _month(value: object) -> int:
    month = _number(value)
    if not 1 <= month <= 12:
        raise PydanticCustomError("month", "no month")
    return month


def _yes_or_no(value: object) -> bool:
    if value in {"true", "false"}:
        return value == "true"
    raise PydanticCustomError("true_or_false", "neither true nor false")


def _country(value: str) -> str:
    if value not in country_codes() | {WORLD, EUROPEAN_UNION}:
        raise PydanticCustomError("country", "no country")
    return value


Number = Annotated[int, BeforeValidator(_number)]
TrueFalse = Annotated[bool, BeforeValidator(_yes_or_no)]
_Summary = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_SUMMARY, pattern=PRINTABLE)
]
_Texts = Annotated[dict[Language, Text], Field(default_factory=dict)]
_Ids = Annotated[list[Id], Field(default_factory=list)]
_Languages = Annotated[list[Language], Field(default_factory=list)]
_Countries = Annotated[list[Annotated[str, AfterValidator(_country)]], Field(default_factory=list)]


class _SpanForm(Form):
    first: Number | None = Field(None, alias="from")
    last: Number | None = Field(None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first is None and self.last is None:
            raise PydanticCustomError("span_empty", "neither from nor to")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise PydanticCustomError("span_order", "from is more than to")
        return self

    def to_model(self) -> Span:
        return Span(self.first, self.last)


class AgeForm(_SpanForm):
    @model_validator(mode="after")
    def _of_a_person(self) -> "AgeForm":
        if max(self.first or 0, self.last or 0) > _OLDEST:
            raise PydanticCustomError("age", "nobody is so old")
        return self


class DaysForm(_SpanForm):
    pass


class DatesForm(Form):
    start: Day = Field(alias="from")
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> "DatesForm":
        if self.start > self.until:
            raise PydanticCustomError("date_order", "from is after until")
        return self


class LinkForm(Form):
    source: Id
    url: Url | None = None


class OpportunityForm(Form):
    """One item of `opportunities.yaml`."""

    id: Id
    kind: OpportunityKind
    status: OpportunityStatus
    title: Annotated[dict[Language, Title], Field(min_length=1)]
    summary: Annotated[dict[Language, _Summary], Field(min_length=1)]
    organiser: Annotated[dict[Language, Text], Field(min_length=1)]
    link: LinkForm
    sources: Annotated[list[Id], Field(min_length=1)]
    owner: Text
    countries: _Countries
    where: _Texts
    age: AgeForm | None = None
    days: DaysForm | None = None
    dates: DatesForm | None = None
    deadline: Day | None = None
    usual_month: Annotated[int, BeforeValidator(_month)] | None = None
    who: _Texts
    when: _Texts
    cost: _Texts
    languages: _Languages
    to_confirm: TrueFalse = False
    unconfirmed_translations: _Languages

    @model_validator(mode="after")
    def _ends(self) -> "OpportunityForm":
        """An open offer without an end would stay open for ever."""
        if self.status is OpportunityStatus.OPEN and self.dates is None and self.deadline is None:
            raise PydanticCustomError("open_without_end", "neither deadline nor dates")
        return self

    def to_model(self) -> Opportunity:
        return Opportunity(
            id=self.id,
            kind=self.kind,
            status=self.status,
            title=MappingProxyType(self.title),
            summary=MappingProxyType(self.summary),
            organiser=MappingProxyType(self.organiser),
            link=Link(self.link.source, self.link.url),
            sources=tuple(self.sources),
            owner=self.owner,
            countries=tuple(self.countries),
            where=MappingProxyType(self.where),
            age=self.age.to_model() if self.age else None,
            days=self.days.to_model() if self.days else None,
            dates=Dates(self.dates.start, self.dates.until) if self.dates else None,
            deadline=self.deadline,
            usual_month=self.usual_month,
            who=MappingProxyType(self.who),
            when=MappingProxyType(self.when),
            cost=MappingProxyType(self.cost),
            languages=tuple(self.languages),
            to_confirm=self.to_confirm,
            unconfirmed_translations=frozenset(self.unconfirmed_translations),
        )


class OpportunitiesFile(Form):
    topics: _Ids
    opportunities: list[Any]
    """Validated one by one, so that each problem has its offer."""
