"""Moments and durations are said as people say them, in each language of the interface."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.knowledge.loader import builtin
from bot.knowledge.model import LANGUAGES
from bot.language.times import said_day, said_duration, said_when

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 27, 8, 0, tzinfo=PARIS)
MOMENTS = {
    "today": datetime(2026, 11, 27, 13, 30, tzinfo=PARIS),
    "tomorrow": datetime(2026, 11, 28, 9, 0, tzinfo=PARIS),
    "later": datetime(2026, 11, 30, 9, 5, tzinfo=PARIS),
}
DURATIONS = [timedelta(minutes=20), timedelta(hours=1), timedelta(hours=2), timedelta(hours=5), timedelta(days=3)]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ["aujourd'hui à 13 h 30", "demain à 9 h", "lundi 30 novembre à 9 h 05"]),
        ("de", ["heute um 13:30 Uhr", "morgen um 9 Uhr", "am Montag, 30. November, um 9:05 Uhr"]),
        ("en", ["today at 13:30", "tomorrow at 9:00", "on Monday 30 November at 9:05"]),
        ("sr", ["danas u 13:30", "sutra u 9:00", "ponedeljak, 30. novembar u 9:05"]),
        ("ar", ["اليوم على الساعة 13:30", "غدا على الساعة 9:00", "يوم الاثنين 30 نوفمبر على الساعة 9:05"]),
    ],
)
def test_a_moment_is_said_from_where_we_stand(language: str, said: list[str]):
    assert [said_when(moment, NOW, language) for moment in MOMENTS.values()] == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "04/11/2026"),
        ("de", "04.11.2026"),
        ("en", "4 November 2026"),
        ("sr", "4. 11. 2026."),
        ("ar", "4 نوفمبر 2026"),
        ("it", "04/11/2026"),
    ],
)
def test_a_date_is_written_as_in_the_language_of_the_reader(language: str, said: str):
    assert said_day(date(2026, 11, 4), language) == said


def test_in_french_the_first_of_a_month_is_the_premier():
    assert said_when(datetime(2026, 12, 1, 14, 0, tzinfo=PARIS), NOW, "fr") == "mardi 1er décembre à 14 h"
    assert said_when(datetime(2026, 12, 21, 14, 0, tzinfo=PARIS), NOW, "fr") == "lundi 21 décembre à 14 h"


def test_tomorrow_begins_at_midnight_of_the_service_s_clock():
    before_midnight = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)
    after_midnight = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
    opening = datetime(2026, 11, 28, 9, 0, tzinfo=PARIS)
    assert said_when(opening, before_midnight, "fr") == "demain à 9 h"
    assert said_when(opening, after_midnight, "fr") == "aujourd'hui à 9 h"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ["environ 20 minutes", "environ 1 heure", "environ 2 heures", "environ 5 heures", "environ 3 jours"]),
        ("de", ["etwa 20 Minuten", "etwa 1 Stunde", "etwa 2 Stunden", "etwa 5 Stunden", "etwa 3 Tage"]),
        ("en", ["about 20 minutes", "about 1 hour", "about 2 hours", "about 5 hours", "about 3 days"]),
        ("sr", ["otprilike 20 minuta", "otprilike 1 sat", "otprilike 2 sata", "otprilike 5 sati", "otprilike 3 dana"]),
        ("ar", ["20 دقيقة تقريبا", "ساعة تقريبا", "ساعتان تقريبا", "5 ساعات تقريبا", "3 أيام تقريبا"]),
    ],
)
def test_a_duration_is_said_in_one_unit_with_its_plural(language: str, said: list[str]):
    assert [said_duration(duration, language) for duration in DURATIONS] == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "environ 5 minutes"),
        (7.4, "environ 5 minutes"),
        (7.5, "environ 10 minutes"),
        (57, "environ 55 minutes"),
        (58, "environ 1 heure"),
        (74, "environ 1 heure"),
        (75, "environ 90 minutes"),
        (105, "environ 2 heures"),
        (23 * 60 + 29, "environ 23 heures"),
        (23 * 60 + 30, "environ 1 jour"),
        (36 * 60, "environ 2 jours"),
        (40 * 24 * 60, "environ 40 jours"),
    ],
)
def test_a_duration_is_said_as_finely_as_people_care(minutes: float, said: str):
    assert said_duration(timedelta(minutes=minutes), "fr") == said


def test_a_language_that_we_do_not_speak_gets_french():
    assert said_when(MOMENTS["tomorrow"], NOW, "it") == "demain à 9 h"


def test_every_language_has_words_of_its_own():
    for texts in ([said_when(m, NOW, x) for x in LANGUAGES] for m in MOMENTS.values()):
        assert len(set(texts)) == len(LANGUAGES)


def test_the_sentences_in_which_they_stand():
    french = builtin().messages["fr"]
    when, duration = said_when(MOMENTS["later"], NOW, "fr"), said_duration(timedelta(days=3), "fr")
    assert french["closed_until"].format(when=when).endswith("Il ouvre lundi 30 novembre à 9 h 05.")
    assert (
        french["usual_wait"].format(duration=duration) == "En général, il faut environ 3 jours pour avoir une réponse."
    )
