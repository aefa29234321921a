"""What a young person can do elsewhere: the offers of `opportunities.yaml`, with who may go, where and when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from babel import Locale

WORLD, EUROPEAN_UNION = "world", "EU"
"""What may stand in the place of a country."""

ENDING = timedelta(days=14)
"""Before the end of an offer: somebody has to say how it goes on."""

_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""What CLDR names beside the countries: parts, groups, placeholders."""


class OpportunityKind(StrEnum):
    EXCHANGE = "exchange"
    STUDY = "study"
    INTERNSHIP = "internship"
    VOLUNTEERING = "volunteering"
    CIVIC_SERVICE = "civic_service"
    LANGUAGE_STAY = "language_stay"
    GRANT = "grant"


class OpportunityStatus(StrEnum):
    OPEN = "open"
    """Until its deadline or, without one, its last day; it disappears by itself afterwards."""
    CLOSED = "closed"
    """Kept in the file, no longer proposed."""
    RECURRING = "recurring"
    """Comes again and again, or all the time: the body that runs it tells the dates."""


class Span(NamedTuple):
    """Years of age or numbers of days, both ends included; None: no limit on that side."""

    first: int | None = None
    last: int | None = None

    def overlaps(self, other: "Span") -> bool:
        return not (_before(self.last, other.first) or _before(other.last, self.first))

    def covers(self, other: "Span") -> bool:
        low = self.first is None or (other.first is not None and self.first <= other.first)
        return low and (self.last is None or (other.last is not None and other.last <= self.last))


class Dates(NamedTuple):
    first: date
    last: date


class Link(NamedTuple):
    """The page of the body that runs an offer."""

    source: str
    """Where the address was read."""
    url: str | None = None
    """None: the source is that page."""


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One offer. What its sources do not say is None or empty, never guessed."""

    id: str
    kind: OpportunityKind
    status: OpportunityStatus
    title: Mapping[str, str]
    summary: Mapping[str, str]
    organiser: Mapping[str, str]
    link: Link
    sources: tuple[str, ...]
    owner: str
    """Who in the service keeps it up to date, as colleagues call them."""
    countries: tuple[str, ...] = ()
    """ISO 3166-1 codes of two letters, WORLD or EUROPEAN_UNION."""
    where: Mapping[str, str] = field(default_factory=dict)
    """What no list of countries can say, in words."""
    age: Span | None = None
    days: Span | None = None
    """How long a stay lasts."""
    dates: Dates | None = None
    deadline: date | None = None
    usual_month: int | None = None
    """Of a recurring offer: the month, 1 to 12, in which one can apply again, as its source says."""
    who: Mapping[str, str] = field(default_factory=dict)
    """Conditions other than age, in words."""
    when: Mapping[str, str] = field(default_factory=dict)
    """Duration and time of the year, in words."""
    cost: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes: what has to be spoken."""
    to_confirm: bool = False
    unconfirmed_translations: frozenset[str] = frozenset()

    @property
    def ends(self) -> date | None:
        """The last day on which somebody can still apply, as far as it is known."""
        return self.deadline or (self.dates.last if self.dates else None)

    def shown_on(self, day: date) -> bool:
        """True while the offer is proposed."""
        match self.status:
            case OpportunityStatus.CLOSED:
                return False
            case OpportunityStatus.RECURRING:
                return True
            case OpportunityStatus.OPEN:
                return self.ends is None or day <= self.ends


@dataclass(frozen=True, slots=True)
class Opportunities:
    """All that `opportunities.yaml` says."""

    records: Mapping[str, Opportunity] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    """Entries whose questions are wishes for such offers."""

    def shown_on(self, day: date) -> tuple[Opportunity, ...]:
        return tuple(record for record in self.records.values() if record.shown_on(day))


class Expiring(NamedTuple):
    opportunity: Opportunity
    ends: date


def expiring(opportunities: Opportunities, day: date, within: timedelta) -> tuple[Expiring, ...]:
    """The open offers whose end comes within that time from `day`, the next first: their owners are to be warned."""
    ends = (
        Expiring(record, record.ends)
        for record in opportunities.records.values()
        if record.status is OpportunityStatus.OPEN and record.ends
    )
    return tuple(sorted((e for e in ends if day <= e.ends <= day + within), key=lambda e: (e.ends, e.opportunity.id)))


@cache
def country_codes() -> frozenset[str]:
    """ISO 3166-1 alpha-2, and XK, which Europe uses for Kosovo."""
    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2) - _NO_COUNTRIES


def _before(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one < other
