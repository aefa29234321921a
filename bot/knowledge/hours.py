"""When the service is open. Pure: the time is a parameter, with any time zone; only the wall clock of `zone` counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from holidays import country_holidays, list_supported_countries

LEGAL_TIME = ZoneInfo("Europe/Paris")
"""The clock of a service that has not written its hours."""
_FURTHEST = 366
"""Days within which an opening is looked for."""


class Period(NamedTuple):
    """Minutes since midnight on the wall clock; open from the first up to, not including, the second."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in self)


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which the service is closed, both ends included."""

    first: date
    last: date
    why: Mapping[str, str] = field(default_factory=dict)
    """Language → reason, as a noun: "fermeture de fin d'année"."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    zone: ZoneInfo
    week: tuple[tuple[Period, ...], ...]
    """Monday to Sunday; the periods of a day in order, without overlap."""
    source: str
    public_holidays: str | None = None
    """An area of `holidays_of`; closed on its holidays."""
    closures: tuple[Closure, ...] = ()

    def is_open(self, now: datetime) -> bool:
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(period.opens <= minute < period.closes for period in self._periods(local.date()))

    def next_opening(self, now: datetime) -> datetime | None:
        """The first moment from `now` on at which the service is open, in its own time zone.

        `now` itself while it is open; None when it does not open within a year.
        """
        if self.is_open(now):
            return now.astimezone(self.zone)
        today = now.astimezone(self.zone).date()
        days = (today + timedelta(days=ahead) for ahead in range(_FURTHEST + 1))
        later = (moment for moment in chain.from_iterable(map(self._starts, days)) if moment > now)
        opening = next(filter(self.is_open, later), None)
        return opening and opening.astimezone(self.zone)

    def closure_on(self, day: date) -> Closure | None:
        """The own closure, public holidays aside."""
        return next((closure for closure in self.closures if closure.first <= day <= closure.last), None)

    def _periods(self, day: date) -> tuple[Period, ...]:
        closed = self.closure_on(day) or (self.public_holidays and day in holidays_of(self.public_holidays, day.year))
        return () if closed else self.week[day.weekday()]

    def _starts(self, day: date) -> Iterator[datetime]:
        """The instants of `day`, in order, at which an opening can begin: always UTC, whose differences are real."""
        midnight, next_midnight = (self._midnight(day), self._midnight(day + timedelta(days=1)))
        minutes: Iterator[int] = (period.opens for period in self._periods(day))
        length = next_midnight - midnight
        if length != timedelta(days=1):  # the clock changes: an opening may fall in the hour left out, or come twice
            minutes = iter(range(length // timedelta(minutes=1)))
        return (midnight + timedelta(minutes=minute) for minute in minutes)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


@cache
def holidays_of(area: str, year: int) -> frozenset[date]:
    """The public holidays of a country or a part of it ("FR", "FR-57").

    Raises:
        LookupError: no such area.
    """
    country, _, part = area.partition("-")
    if country not in list_supported_countries():
        raise LookupError(country)
    try:
        return frozenset(country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        raise LookupError(area) from None


def parts_of(area: str) -> list[str]:
    """The parts of the country of `area` that have holidays of their own; nothing for an unknown country."""
    return list_supported_countries().get(area.partition("-")[0], [])
