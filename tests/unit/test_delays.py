"""What an agent writes after /reporter is understood as the agent meant it, or not at all."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.knowledge.hours import Closure, OpeningHours, Period
from bot.staff.delays import FURTHEST, when

PARIS = ZoneInfo("Europe/Paris")
WORKING_DAY = (Period(9 * 60, 12 * 60), Period(13 * 60 + 30, 17 * 60))
CHRISTMAS = Closure(date(2026, 12, 24), date(2027, 1, 1))
HOURS = OpeningHours(PARIS, (*(WORKING_DAY,) * 5, (), ()), "site", "FR", (CHRISTMAS,))
FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=PARIS)
MINUTE = timedelta(minutes=1)


def said(text: str, now: datetime = FRIDAY, hours: OpeningHours | None = HOURS) -> str | None:
    moment = when(text, now, hours)
    return moment and f"{moment:%d/%m %H:%M}"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", "27/11 17:00"),
        ("2H", "27/11 17:00"),
        ("2 heures", "27/11 17:00"),
        ("dans deux heures", "27/11 17:00"),
        ("une heure", "27/11 16:00"),
        ("2 heurs", "27/11 17:00"),
        ("1h30", "27/11 16:30"),
        ("1 h 30 min", "27/11 16:30"),
        ("30 min", "27/11 15:30"),
        ("30mn", "27/11 15:30"),
        ("45 minutes.", "27/11 15:45"),
        ("48h", "29/11 15:00"),
        ("dans 14h", "28/11 05:00"),
    ],
)
def test_hours_and_minutes_are_counted_exactly(text: str, moment: str):
    assert said(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("demain", "30/11 09:00"),  # Saturday is closed
        ("3 jours", "30/11 15:00"),
        ("4j", "01/12 15:00"),
        ("une semaine", "04/12 15:00"),
        ("2 sem", "11/12 15:00"),
        ("lundi", "30/11 09:00"),
        ("Lundi prochain", "30/11 09:00"),
        ("la semaine prochaine", "30/11 09:00"),
        ("mar", "01/12 09:00"),
        ("mecredi", "02/12 09:00"),
        ("vendredi", "04/12 09:00"),  # not today
        ("15/12", "15/12 09:00"),
        ("15/12/2026", "15/12 09:00"),
        ("15-12-26", "15/12 09:00"),
        ("le 15 décembre", "15/12 09:00"),
        ("15 decembre", "15/12 09:00"),
        ("15 déc.", "15/12 09:00"),
        ("1er décenbre", "01/12 09:00"),
        ("25/12", "04/01 09:00"),  # a holiday within the closure
        ("10/01", "11/01 09:00"),  # of the next year, a Sunday
    ],
)
def test_a_day_means_its_first_opening_or_the_next_one(text: str, moment: str):
    assert said(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("lundi 14h", "30/11 14:00"),
        ("lundi à 14 h 30", "30/11 14:30"),
        ("lundi, 14:30", "30/11 14:30"),
        ("demain 9h", "28/11 09:00"),
        ("15/12 9h", "15/12 09:00"),
        ("15 décembre 9h30", "15/12 09:30"),
        ("lundi 30 novembre à 9 h", "30/11 09:00"),  # as the bot itself says it
        ("aujourd'hui 17h30", "27/11 17:30"),
        ("aujourd’hui à 17h30", "27/11 17:30"),
        ("16h", "27/11 16:00"),
        ("à 16 h", "27/11 16:00"),
        ("16:15", "27/11 16:15"),
        ("demain matin", "30/11 09:00"),
        ("lundi matin", "30/11 09:00"),
        ("lundi après-midi", "30/11 14:00"),
        ("lundi aprem", "30/11 14:00"),
    ],
)
def test_a_day_with_a_time_means_that_time(text: str, moment: str):
    assert said(text) == moment


def test_a_time_that_has_gone_by_today_is_that_of_the_next_day_on_which_the_service_is_open():
    assert said("9h30", FRIDAY - timedelta(days=1)) == "27/11 09:30"
    assert said("9h30") == "30/11 09:00"


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-11-27 10:00", "27/11 11:00"),
        ("2026-11-27 11:30", "27/11 13:30"),  # in an hour is the lunch break
        ("2026-11-27 16:30", "30/11 09:00"),
        ("2026-11-28 10:00", "30/11 09:00"),
        ("2026-11-27 08:50", "27/11 09:00"),
    ],
)
def test_nothing_written_means_in_an_hour_or_when_the_service_opens(now: str, moment: str):
    assert said(" ", datetime.fromisoformat(now).replace(tzinfo=PARIS)) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [("", "27/11 16:00"), ("demain", "28/11 09:00"), ("lundi après-midi", "30/11 14:00"), ("3 jours", "30/11 15:00")],
)
def test_without_known_hours_every_day_begins_at_nine(text: str, moment: str):
    assert said(text, FRIDAY.astimezone(UTC), hours=None) == moment


@pytest.mark.parametrize(
    "text",
    [
        "merci", "bonjour", "30", "un", "jui", "mercredy 3", "lundi lundi", "le", "?", "...", "2 h 3 jours",
        "3 jours 20", "31/2", "29/02/2027", "lundi 26h", "10h75", "9999 semaines", "quand tu veux", "15/13", "dans",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_not_guessed(text: str):
    assert said(text) is None


@pytest.mark.parametrize(
    "text", ["0 min", "zéro heure", "27/11 9h", "aujourd'hui 9h", "cet après-midi", "26/11", "26/11/2026", "27/11"]
)
def test_what_has_gone_by_is_refused(text: str):
    assert said(text) is None


def test_a_date_that_is_further_away_than_people_put_off_is_refused():
    assert said("28/5") == "28/05 09:00"
    assert said("31/5") is None
    assert said("15/12/2027") is None


def test_a_beginning_that_fits_two_names_is_not_guessed():
    may = datetime(2026, 5, 20, 10, 0, tzinfo=PARIS)
    assert (said("15 juin", may), said("15 juil", may), said("15 jui", may)) == ("15/06 09:00", "15/07 09:00", None)


def test_a_day_keeps_its_time_when_the_clock_changes():
    saturday = datetime(2026, 10, 24, 10, 0, tzinfo=PARIS)
    assert said("2 jours", saturday) == "26/10 10:00"
    assert said("24h", saturday) == "25/10 09:00"


def test_a_moment_is_a_whole_minute():
    assert said("2h", FRIDAY + timedelta(seconds=20)) == "27/11 17:00"
    assert said("2h", FRIDAY + timedelta(seconds=40)) == "27/11 17:01"


words = st.sampled_from([
    "dans", "le", "à", "vers", "0", "1", "2h", "30", "min", "14h", "9:30", "99", "9999", "9999999999", "jours", "h",
    "semaines", "lundi", "lundy", "mardi", "demain", "ce", "matin", "après-midi", "prochain", "aujourd'hui", "dix",
    "zéro", "15/12", "31/2", "29", "1er", "février", "mars", "jui", "2027", "00", "/12", ":", "²", "٣",
])  # fmt: skip
texts = st.text() | st.lists(words, max_size=5).map(" ".join)
times = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(texts, times, st.sampled_from([None, HOURS]))
@example("à 2h45", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), HOURS)
@example("demain", datetime(2024, 2, 28, tzinfo=UTC), None)
@example("29/2", datetime(2027, 12, 1, tzinfo=UTC), None)
def test_whatever_is_written_the_moment_is_ahead_on_a_whole_minute_and_not_too_far(
    text: str, now: datetime, hours: OpeningHours | None
):
    moment = when(text, now, hours)
    if moment is not None:
        assert now < moment.astimezone(UTC) <= now + FURTHEST
        assert (moment.second, moment.microsecond, moment.tzinfo) == (0, 0, PARIS)


@given(st.integers(1, 6), times)
def test_any_number_of_hours_is_that_many_real_hours(number: int, now: datetime):
    moment = when(f"{number}h", now, HOURS)
    assert abs(moment.astimezone(UTC) - now - timedelta(hours=number)) <= MINUTE / 2
