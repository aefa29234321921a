"""Moments and durations as people say them, in the languages of the interface. Pure; the words are in `times.yaml`."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from babel.dates import format_date, format_datetime, format_timedelta

from bot.knowledge.model import DEFAULT_LANGUAGE
from bot.packaged import packaged_yaml

_WORDS: Mapping[str, Mapping[str, str]] = packaged_yaml(__package__, "times.yaml")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_STEPS = ((_HOUR, 5 * _MINUTE), (2 * _HOUR, 30 * _MINUTE), (_DAY, _HOUR))
"""What is said of a duration below the first is a multiple of the second; beyond, of a day."""


def said_when(moment: datetime, now: datetime, language: str) -> str:
    """The time and day of `moment` on the clock of its own time zone, as seen from `now`.

    >>> said_when(datetime(2026, 11, 30, 9, 0).astimezone(), datetime(2026, 11, 27, 18, 0).astimezone(), "fr")
    'lundi 30 novembre à 9 h'
    """
    words = _words(language)
    ahead = (moment.date() - now.astimezone(moment.tzinfo).date()).days
    form = words[{0: "today", 1: "tomorrow"}.get(ahead, "later")]
    day = words["first"] if moment.day == 1 and "first" in words else words["date"]
    time = words["hour"] if moment.minute == 0 and "hour" in words else words["time"]
    locale = words["locale"]
    return form.format(
        date=format_datetime(moment, day, locale=locale), time=format_datetime(moment, time, locale=locale)
    )


def said_day(day: date, language: str) -> str:
    """A date in full, as short as it can be without being mistaken.

    >>> said_day(date(2026, 11, 24), "de")
    '24.11.2026'
    """
    words = _words(language)
    return format_date(day, words["day"], locale=words["locale"])


def said_duration(duration: timedelta, language: str) -> str:
    """About how long, in one unit; never less than five minutes.

    >>> said_duration(timedelta(minutes=83), "fr")
    'environ 90 minutes'
    """
    words = _words(language)
    rounded = _rounded(duration)
    unit: Literal["day", "hour", "minute"] = "minute" if rounded % _HOUR else "hour" if rounded % _DAY else "day"
    said = format_timedelta(rounded, granularity=unit, threshold=float("inf"), locale=words["locale"])
    return words["about"].format(duration=said.replace("\N{NO-BREAK SPACE}", " "))


def _rounded(duration: timedelta) -> timedelta:
    step = next((step for limit, step in _STEPS if duration < limit), _DAY)
    return max((duration + step / 2) // step * step, 5 * _MINUTE)


def _words(language: str) -> Mapping[str, str]:
    return _WORDS.get(language, _WORDS[DEFAULT_LANGUAGE])
