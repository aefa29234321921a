"""When somebody wants to go: months, seasons and years in a sentence, as days from today on."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from babel import Locale

from bot.language.normal_form import normalise
from bot.opportunities.places import LOCALES
from bot.opportunities.wish import Period
from bot.opportunities.words import WORDS, any_of

_LEVANT = "ar_LB"
"""Arabic has two sets of names for the months."""
_FURTHEST = 5
"""Years ahead that a number may mean."""


def find_period(said: str, day: date) -> Period | None:
    """The time that a text in normal form tells; one that is over this year is meant for the next."""
    next_year = _next_year().search(said) is not None
    year = day.year + 1 if next_year else None
    return (
        _in_months(said, day, year)
        or _in_season(said, day, year)
        or _in_year(said, day, year)
        or (Period.of_months(day.year, day.month, day.year, 12) if _this_year().search(said) else None)
    )


def _in_months(said: str, day: date, year: int | None) -> Period | None:
    found = list(_month_words().finditer(said))
    months = [month_names()[match["sure"] or match["cued"] or match["dated"]] for match in found]
    if not months:
        return None
    told = next((int(match["year"]) for match in found if match["year"]), year)
    first, last = months[0], months[-1]
    start = told or _coming_year(first, day)
    return Period.of_months(start, first, start + (last < first), last)


def _in_season(said: str, day: date, year: int | None) -> Period | None:
    for first, last, pattern in _seasons():
        if found := pattern.search(said):
            told = int(found["year"]) if found["year"] else year
            start = told or _season_year(first, last, day) + _skips(found, first, last, day)
            return Period.of_months(start, first, start + (last < first), last)
    return None


def _skips(found: re.Match[str], first: int, last: int, day: date) -> bool:
    """True for "l'été prochain" said in summer: it is the one after."""
    under_way = first <= day.month <= last if first <= last else day.month >= first or day.month <= last
    return under_way and _coming().search(found[0]) is not None


def _in_year(said: str, day: date, year: int | None) -> Period | None:
    numbers = (int(number) for number in re.findall(r"\b20\d\d\b", said))
    told = next((number for number in numbers if day.year <= number <= day.year + _FURTHEST), year)
    if told is None:
        return None
    return Period.of_months(told, day.month if told == day.year else 1, told, 12)


def _season_year(first: int, last: int, day: date) -> int:
    """In which the season begins that is under way or comes next."""
    if last < first:
        return day.year - (day.month <= last)
    return _coming_year(last, day)


def _coming_year(month: int, day: date) -> int:
    return day.year + (month < day.month)


@cache
def month_names() -> Mapping[str, int]:
    """Each name of a month, in normal form → its number."""
    names = {
        normalise(name): number
        for locale in (*LOCALES.values(), _LEVANT)
        # Not "stand-alone": there babel gives ar_LB the names of ar once that one has been read.
        for number, name in Locale.parse(locale).months["format"]["wide"].items()
    }
    return {**names, **WORDS["months"]}


@cache
def _month_words() -> re.Pattern[str]:
    """A month that is no other word, or one beside a cue or before a year; Arabic writes "in" and "of" before it."""
    ambiguous = WORDS["ambiguous_months"]
    sure = any_of([name for name in month_names() if name not in ambiguous])
    unsure, cue = any_of(ambiguous), any_of(WORDS["month_cue"])
    return re.compile(
        rf"(?:\b[بلو]?(?P<sure>{sure})|\b{cue}\s(?P<cued>{unsure})|\b(?P<dated>{unsure})(?=\s20\d\d))\b"
        rf"(?:\s(?P<year>20\d\d)\b)?"
    )


@cache
def _seasons() -> tuple[tuple[int, int, re.Pattern[str]], ...]:
    coming = any_of(WORDS["coming"])
    return tuple(
        (
            row["first"],
            row["last"],
            re.compile(rf"(?:\b{coming}\s)?\b(?:{row['words']})\b(?:\s{coming}\b)?(?:\s(?P<year>20\d\d)\b)?"),
        )
        for row in WORDS["seasons"]
    )


@cache
def _coming() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(WORDS['coming'])}\b")


@cache
def _next_year() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(WORDS['next_year'])}\b")


@cache
def _this_year() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(WORDS['this_year'])}\b")
