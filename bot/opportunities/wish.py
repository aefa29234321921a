"""What somebody looks for, and the same as the argument of a button."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from bot.knowledge.opportunities import OpportunityKind, Span

ELSEWHERE = "ZZ"
"""A country that no offer names: CLDR's code of an unknown one."""
GUARDED_BELOW = 15
"""Age below which nothing is kept of what is said, and the guardians are spoken of."""

QUESTIONS = 3
"""Country, age, period."""

_ANY = "-"
_AGE = re.compile(r"(\d{1,2})(?:-(\d{1,2})?)?", re.ASCII)
_COUNTRY = re.compile(r"[a-z]{2}", re.ASCII)
_MONTHS = re.compile(r"(\d{4})-(\d\d)(?:_(\d{4})-(\d\d))?", re.ASCII)


class Period(NamedTuple):
    """Days on which somebody is free to go, both ends included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """In days."""
        return (self.last - self.first).days + 1

    @classmethod
    def of_months(cls, year: int, month: int, last_year: int | None = None, last_month: int | None = None) -> "Period":
        """From the first day of a month to the last day of the same or of another.

        Raises:
            ValueError: no such month, or the last is before the first.
        """
        last = date(last_year or year, last_month or month, 28) + timedelta(days=4)  # some day of the month after
        period = cls(date(year, month, 1), last.replace(day=1) - timedelta(days=1))
        if period.length < 1:
            raise ValueError(period)
        return period


@dataclass(frozen=True, slots=True)
class Wish:
    """None: not said, or all the same."""

    country: str | None = None
    """An ISO code, EUROPEAN_UNION or ELSEWHERE."""
    age: Span | None = None
    """Of one person, or of all for whom somebody asks."""
    period: Period | None = None
    kind: OpportunityKind | None = None

    @property
    def said(self) -> int:
        """How many of the four are known."""
        return sum(each is not None for each in (self.country, self.age, self.period, self.kind))

    @property
    def guarded(self) -> bool:
        """True when it speaks of somebody below GUARDED_BELOW; "under 18" speaks of nobody in particular."""
        if self.age is None:
            return False
        return 0 < (self.age.first or 0) < GUARDED_BELOW or (self.age.last or GUARDED_BELOW) < GUARDED_BELOW


@dataclass(frozen=True, slots=True)
class Step:
    """Where a guided search stands: its questions are answered in this order, and `answered` counts the answers."""

    wish: Wish = Wish()
    answered: int = 0
    page: int = 0

    def pack(self) -> str:
        """At most 40 bytes, without a colon: `de.17.2027-07` (Germany, 17 years, July 2027), `-.-` (all the same).

        >>> Step(Wish("DE", Span(17, 17), Period.of_months(2027, 7)), 3).pack()
        'de.17.2027-07'
        """
        wish = self.wish
        parts = [_ANY if wish.country is None else wish.country.lower(), _age(wish.age), _period(wish.period)]
        if self.answered < QUESTIONS:
            return ".".join(parts[: self.answered])
        more = [wish.kind or _ANY, str(self.page)] if wish.kind or self.page else []
        return ".".join([*parts, *more])

    @classmethod
    def unpack(cls, text: str) -> "Step":
        """The inverse of `pack`.

        Raises:
            ValueError: nothing that `pack` gives.
        """
        parts = [part for part in text.split(".") if part]
        country, age, period, kind, page = (*parts, *(_ANY,) * 5)[:5]
        wish = Wish(
            _read_country(country),
            _read_age(age),
            _read_period(period),
            None if kind == _ANY else OpportunityKind(kind),
        )
        if page != _ANY and not page.isdecimal():
            raise ValueError(page)
        return cls(wish, min(len(parts), QUESTIONS), 0 if page == _ANY else int(page))


def _age(age: Span | None) -> str:
    if age is None:
        return _ANY
    if age.first == age.last:
        return str(age.first)
    return f"{age.first or 0}-{'' if age.last is None else age.last}"


def _period(period: Period | None) -> str:
    if period is None:
        return _ANY
    first, last = f"{period.first:%Y-%m}", f"{period.last:%Y-%m}"
    return first if first == last else f"{first}_{last}"


def _read_country(text: str) -> str | None:
    if text == _ANY:
        return None
    if not _COUNTRY.fullmatch(text):
        raise ValueError(text)
    return text.upper()


def _read_age(text: str) -> Span | None:
    if text == _ANY:
        return None
    parts = _AGE.fullmatch(text)
    if parts is None:
        raise ValueError(text)
    first, last = parts.groups()
    if "-" not in text:
        return Span(int(first), int(first))
    return Span(int(first), None if last is None else int(last))


def _read_period(text: str) -> Period | None:
    if text == _ANY:
        return None
    parts = _MONTHS.fullmatch(text)
    if parts is None:
        raise ValueError(text)
    return Period.of_months(*(int(part) for part in parts.groups() if part is not None))
