"""When to remind: what an agent writes after /reporter, in French, shortened, without accents, a little misspelt. Pure.

Own small grammar: of what agents write, dateparser 1.5.0 reads "lundi 14h" as the 14th of the month, "15/12 9h" as
tomorrow, "demain matin" not at all; and it knows no opening hours.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rapidfuzz import fuzz, process

from bot.knowledge.hours import LEGAL_TIME, OpeningHours
from bot.language.normal_form import strip_marks

FURTHEST = timedelta(days=183)
"""A date further away is more likely one that has just gone by."""
_LONGEST = 60
"""Characters of the longest text that is read."""
_LIKENESS = 78
"""rapidfuzz ratio of a misspelt word: "ludni" has 80 to lundi, "merci" 77 to mercredi; two months, at most 71."""
_TIMES_OF_DAY = range(7, 24)
"""Alone, "9h" or "14h" is a time of day, as nobody puts off for fourteen hours; "2h" and "48h" are delays."""

_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin",
    "juillet", "aout", "septembre", "octobre", "novembre", "decembre",
)  # fmt: skip
_NUMBERS = ("zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
_NEAR_DAYS = {"aujourd'hui": 0, "ajd": 0, "ce": 0, "cet": 0, "demain": 1, "apres-demain": 2, "apres demain": 2}
_PARTS_OF_DAY = {"matin": time(9), "apres-midi": time(14), "apres midi": time(14), "aprem": time(14)}
_UNITS = {
    "minute": timedelta(minutes=1),
    "heure": timedelta(hours=1),
    "jour": timedelta(days=1),
    "semaine": timedelta(weeks=1),
}
_SHORT_UNITS = {"m": "minute", "mn": "minute", "min": "minute", "h": "heure", "hr": "heure", "j": "jour", "jr": "jour"}

_CLOCK = r"(?P<at>a |vers )?(?P<hour>\d{1,2}) ?(?P<mark>h|:|heures?) ?(?P<minute>\d{2})?"
_CLOCK_ALONE = re.compile(_CLOCK, re.ASCII)
_DELAY = re.compile(
    rf"(?:dans )?(?P<number>\d{{1,4}}|une|{'|'.join(_NUMBERS)}) ?(?P<unit>[a-z]+)"
    r"(?: ?(?P<minutes>\d{1,2})(?: ?m[a-z]*)?)?",
    re.ASCII,
)
_DAY = re.compile(rf"(?:le )?(?P<day>.+?)(?: (?:(?P<part>{'|'.join(_PARTS_OF_DAY)})|{_CLOCK}))?", re.ASCII)
_DATE = re.compile(
    r"(?:[a-z]+ )?(?P<day>\d{1,2})(?:er)? ?(?:[/.-] ?(?P<month>\d{1,2})|(?P<name>[a-z]+)\.?)"
    r"(?:[ /.-](?P<year>(?:20)?\d{2}))?",
    re.ASCII,
)


def when(text: str, now: datetime, hours: OpeningHours | None) -> datetime | None:
    """The moment that `text` means, on the service's clock, to the minute and after `now`.

    Nothing written means in an hour, or at the next opening if the service is closed now or then. A day without a time
    means its first opening, or the next one if it has none; 9:00 when the hours are not known.

    Returns:
        None: not understood, gone by, or more than `FURTHEST` away.
    """
    agenda = _Agenda(now.astimezone(hours.zone if hours else LEGAL_TIME), hours)
    try:
        moment = agenda.read(_plain(text))
    except (ValueError, OverflowError):  # 31 February, 26 h, 9999 weeks
        return None
    if moment is None:
        return None
    rounded = _to_the_minute(moment)
    return rounded.astimezone(agenda.now.tzinfo) if now < rounded <= now + FURTHEST else None


@dataclass(frozen=True, slots=True)
class _Agenda:
    now: datetime
    """On the service's clock."""
    hours: OpeningHours | None

    def read(self, said: str) -> datetime | None:
        return self._clock_alone(said) or self._delay(said) or self._day(said) if said else self._soon()

    def _soon(self) -> datetime:
        closed = self.hours and not self.hours.is_open(self.now)
        return self._when_open(self.now if closed else self._in(timedelta(hours=1)))

    def _clock_alone(self, said: str) -> datetime | None:
        found = _CLOCK_ALONE.fullmatch(said)
        if not found or not (found["at"] or found["mark"] == ":" or int(found["hour"]) in _TIMES_OF_DAY):
            return None
        today, tomorrow = (self._at(self._ahead(days), _clock(found)) for days in (0, 1))
        return today if today > self.now else self._when_open(tomorrow)

    def _delay(self, said: str) -> datetime | None:
        found = _DELAY.fullmatch(said)
        unit = _unit(found["unit"]) if found else None
        if not found or not unit or (found["minutes"] and unit != "heure"):
            return None
        delay = _number(found["number"]) * _UNITS[unit] + timedelta(minutes=int(found["minutes"] or 0))
        if unit in {"minute", "heure"}:
            return self._in(delay)
        return self._when_open(self._at(self._ahead(delay.days), self.now.time()))

    def _day(self, said: str) -> datetime | None:
        found = _DAY.fullmatch(said)
        day = self._named(found["day"]) if found else None
        if not found or day is None:
            return None
        if found["hour"]:
            return self._at(day, _clock(found))
        start = _PARTS_OF_DAY.get(found["part"]) or time(0 if self.hours else 9)
        return self._when_open(self._at(day, start))

    def _named(self, said: str) -> date | None:
        if said in _NEAR_DAYS:
            return self._ahead(_NEAR_DAYS[said])
        if dated := _DATE.fullmatch(said):
            return _date(dated, self.now.date())
        if re.fullmatch(r"(la )?semaine prochaine", said):
            return self._next(0)
        names = (*_WEEKDAYS, "demain")
        index = _index(said.removesuffix(" prochain"), names)
        return None if index is None else self._ahead(1) if names[index] == "demain" else self._next(index)

    def _next(self, weekday: int) -> date:
        """From tomorrow on: nobody calls today by its name."""
        return self._ahead((weekday - self.now.weekday() - 1) % 7 + 1)

    def _ahead(self, days: int) -> date:
        return self.now.date() + timedelta(days=days)

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.now.tzinfo)

    def _in(self, delay: timedelta) -> datetime:
        return self.now.astimezone(UTC) + delay

    def _when_open(self, moment: datetime) -> datetime:
        return (self.hours and self.hours.next_opening(moment)) or moment


def _plain(text: str) -> str:
    """Lower case, without accents, commas and what ends a sentence; "" only for nothing written."""
    words = strip_marks(text.casefold()).replace("’", "'").replace(",", " ").split()
    said = " ".join(words)
    return said.rstrip(" .!") or said if len(said) <= _LONGEST else "?"


def _number(said: str) -> int:
    return int(said) if said.isdecimal() else _NUMBERS.index(said.removesuffix("e"))


def _unit(said: str) -> str | None:
    word = said.removesuffix("s")
    index = _index(word, tuple(_UNITS))
    return _SHORT_UNITS.get(word) or (None if index is None else tuple(_UNITS)[index])


def _index(word: str, names: tuple[str, ...]) -> int | None:
    """The name that `word` begins (three letters at least, and only one name) or misspells."""
    begun = [index for index, name in enumerate(names) if len(word) >= 3 and name.startswith(word)]
    if begun:
        return begun[0] if len(begun) == 1 else None
    found = process.extractOne(word, names, scorer=fuzz.ratio, score_cutoff=_LIKENESS)
    return found[2] if found else None


def _clock(found: re.Match[str]) -> time:
    return time(int(found["hour"]), int(found["minute"] or 0))


def _date(found: re.Match[str], today: date) -> date | None:
    """The next one from today on when no year is written."""
    month = int(found["month"]) if found["month"] else _month(found["name"])
    if month is None:
        return None
    if found["year"]:
        return date(2000 + int(found["year"][-2:]), month, int(found["day"]))
    this_year = date(today.year, month, int(found["day"]))
    return this_year if this_year >= today else this_year.replace(year=today.year + 1)


def _month(name: str) -> int | None:
    index = _index(name, _MONTHS)
    return None if index is None else index + 1


def _to_the_minute(moment: datetime) -> datetime:
    """In UTC, the nearest."""
    return (moment.astimezone(UTC) + timedelta(seconds=30)).replace(second=0, microsecond=0)
