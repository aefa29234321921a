"""Which offers answer a wish, the best first; when there are none, the nearest and what they lack. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum

from bot.knowledge.opportunities import EUROPEAN_UNION, WORLD, Opportunity, OpportunityKind, Span
from bot.opportunities.places import UNION, reached_by
from bot.opportunities.wish import Wish


class Criterion(StrEnum):
    """What a wish may ask for; the first are the last that people would give up."""

    AGE = "age"
    COUNTRY = "country"
    KIND = "kind"
    PERIOD = "period"


class Fit(Enum):
    YES = 0
    UNKNOWN = 1
    """The sources do not say."""
    NO = 2


@dataclass(frozen=True, slots=True)
class Found:
    offers: tuple[Opportunity, ...] = ()
    """Best first."""
    lacking: tuple[Criterion, ...] = ()
    """What of the wish these offers do not meet; empty when they meet it, as far as the sources say."""


_ALIKE = ({OpportunityKind.VOLUNTEERING, OpportunityKind.CIVIC_SERVICE},)
"""Kinds that people call by each other's name."""
_GAP = 3
"""Years that somebody may be too young for an offer which is still worth naming; nobody grows younger."""
_WEIGHT: Mapping[Criterion, int] = {
    Criterion.PERIOD: 1,
    Criterion.KIND: 2,
    Criterion.COUNTRY: 4,
    Criterion.AGE: 8,
}
"""What it costs to give a criterion up; two cheap ones rather than a dear one."""


def look_up(offers: Iterable[Opportunity], wish: Wish) -> Found:
    """The offers that nothing in `wish` speaks against, else those that lack least, all of them lacking the same."""
    fits = {offer.id: (offer, fit(offer, wish)) for offer in offers}
    meeting = [(offer, each) for offer, each in fits.values() if Fit.NO not in each.values()]
    if meeting:
        return Found(tuple(offer for offer, each in sorted(meeting, key=lambda pair: _rank(pair[0], pair[1], wish))))
    near = [(offer, each) for offer, each in fits.values() if _worth_naming(offer, each, wish)]
    if not near:
        return Found()
    near.sort(key=lambda pair: (_cost(pair[1]), _rank(pair[0], pair[1], wish)))
    lacking = _lacking(near[0][1])
    return Found(tuple(offer for offer, each in near if _lacking(each) == lacking), lacking)


def fit(offer: Opportunity, wish: Wish) -> Mapping[Criterion, Fit]:
    """How an offer meets each thing that the wish asks for; what it leaves open does not appear."""
    return {criterion: answer for criterion, judge in _JUDGES.items() if (answer := judge(offer, wish)) is not None}


def _age(offer: Opportunity, wish: Wish) -> Fit | None:
    if wish.age is None:
        return None
    if offer.age is None:
        return Fit.UNKNOWN
    if offer.age.covers(wish.age):
        return Fit.YES
    return Fit.UNKNOWN if offer.age.overlaps(wish.age) else Fit.NO


def _country(offer: Opportunity, wish: Wish) -> Fit | None:
    if wish.country is None:
        return None
    if not offer.countries:
        return Fit.UNKNOWN
    reached = set(offer.countries)
    if EUROPEAN_UNION in reached:
        reached |= UNION
    return Fit.YES if WORLD in reached or reached & reached_by(wish.country) else Fit.NO


def _period(offer: Opportunity, wish: Wish) -> Fit | None:
    if wish.period is None:
        return None
    if offer.dates:
        meets = offer.dates.first <= wish.period.last and wish.period.first <= offer.dates.last
        return Fit.YES if meets else Fit.NO
    if offer.days is None:
        return Fit.UNKNOWN
    return Fit.YES if offer.days.overlaps(Span(None, wish.period.length)) else Fit.NO


def _kind(offer: Opportunity, wish: Wish) -> Fit | None:
    if wish.kind is None:
        return None
    return Fit.YES if offer.kind is wish.kind or {offer.kind, wish.kind} in _ALIKE else Fit.NO


_JUDGES: Mapping[Criterion, Callable[[Opportunity, Wish], Fit | None]] = {
    Criterion.AGE: _age,
    Criterion.COUNTRY: _country,
    Criterion.KIND: _kind,
    Criterion.PERIOD: _period,
}


def _rank(offer: Opportunity, fits: Mapping[Criterion, Fit], wish: Wish) -> tuple[int, bool, bool, date]:
    """What is sure before what is open, what names the country or the kind before what only reaches it, then what ends
    first; for the rest the order of the file holds.
    """
    unsure = sum(answer is Fit.UNKNOWN for answer in fits.values())
    names_it = wish.country is not None and not reached_by(wish.country).isdisjoint(offer.countries)
    return unsure, not names_it, wish.kind is not offer.kind, offer.ends or date.max


def _worth_naming(offer: Opportunity, fits: Mapping[Criterion, Fit], wish: Wish) -> bool:
    if fits.get(Criterion.AGE) is not Fit.NO:
        return len(_lacking(fits)) < len(fits)
    youngest, oldest = (offer.age.first, wish.age.last) if offer.age and wish.age else (None, None)
    return youngest is not None and oldest is not None and 0 < youngest - oldest <= _GAP


def _lacking(fits: Mapping[Criterion, Fit]) -> tuple[Criterion, ...]:
    return tuple(criterion for criterion, answer in fits.items() if answer is Fit.NO)


def _cost(fits: Mapping[Criterion, Fit]) -> int:
    return sum(_WEIGHT[criterion] for criterion in _lacking(fits))
