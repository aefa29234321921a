"""The service is open when its hours say so, whatever the holidays, its own closures and the changes of the clock."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.knowledge.hours import Closure, OpeningHours, Period
from bot.knowledge.loader import build, read_folder

ROOT = Path(__file__).parents[3]
PARIS = ZoneInfo("Europe/Paris")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FULL_DAY = (Period(9 * 60, 12 * 60), Period(13 * 60 + 30, 17 * 60))
NIGHT = (Period(2 * 60 + 15, 2 * 60 + 45),)
"""Within the hour that Europe leaves out in March and repeats in October."""


def hours(*days: tuple[Period, ...], zone: ZoneInfo = PARIS, **more) -> OpeningHours:
    """A week of `days` from Monday on; the rest is closed."""
    return OpeningHours(zone, (*days, *((),) * (7 - len(days))), "site", **more)


OFFICE = hours(
    *(FULL_DAY,) * 5, public_holidays="FR", closures=(Closure(date(2026, 12, 24), date(2027, 1, 1)),)
)  # fmt: skip


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-27 08:59:59", False),
        ("2026-11-27 09:00", True),
        ("2026-11-27 11:59:59", True),
        ("2026-11-27 12:00", False),
        ("2026-11-27 13:30", True),
        ("2026-11-27 17:00", False),
        ("2026-11-28 10:00", False),  # Saturday
        ("2026-11-11 10:00", False),  # a Wednesday, armistice
        ("2027-05-06 10:00", False),  # Ascension
        ("2027-05-07 10:00", True),
        ("2026-12-23 10:00", True),
        ("2026-12-24 10:00", False),  # the first day of the closure
        ("2027-01-04 10:00", True),
    ],
)
def test_open_within_the_periods_of_a_working_day(moment: str, is_open: bool):
    assert OFFICE.is_open(paris(moment)) is is_open


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-27 08:00", "2026-11-27 09:00"),
        ("2026-11-27 09:30:12", "2026-11-27 09:30:12"),  # open: now
        ("2026-11-27 12:00", "2026-11-27 13:30"),
        ("2026-11-27 17:00", "2026-11-30 09:00"),  # over the weekend
        ("2026-11-10 18:00", "2026-11-12 09:00"),  # over a public holiday
        ("2026-12-23 17:00", "2027-01-04 09:00"),  # over the closure and the weekend after it
        ("2026-03-27 18:00", "2026-03-30 09:00"),  # over the change to summer time
        ("2026-10-23 18:00", "2026-10-26 09:00"),  # and back
    ],
)
def test_next_opening(now: str, opening: str):
    assert OFFICE.next_opening(paris(now)) == paris(opening)


def test_the_time_may_come_in_any_zone_and_the_opening_is_in_the_service_s():
    closed, still_open = (datetime(2026, 7, 1, hour, 30, tzinfo=UTC) for hour in (6, 7))
    assert OFFICE.next_opening(closed).isoformat() == "2026-07-01T09:00:00+02:00"
    assert OFFICE.next_opening(still_open).isoformat() == "2026-07-01T09:30:00+02:00"


def test_a_part_of_the_country_may_have_holidays_of_its_own():
    good_friday = paris("2026-04-03 10:00")
    assert hours(*(FULL_DAY,) * 5, public_holidays="FR").is_open(good_friday)
    assert not hours(*(FULL_DAY,) * 5, public_holidays="FR-57").is_open(good_friday)


def test_without_public_holidays_christmas_is_a_day_like_any_other():
    assert hours(*(FULL_DAY,) * 5).is_open(paris("2026-12-25 10:00"))


def test_both_ends_of_a_closure_are_closed():
    week_off = hours(*(FULL_DAY,) * 7, closures=(Closure(date(2026, 11, 2), date(2026, 11, 8)),))
    around = [paris(f"2026-11-{day:02} 10:00") for day in (1, 2, 8, 9)]
    assert [week_off.is_open(moment) for moment in around] == [True, False, False, True]


def test_a_service_that_is_closed_all_year_has_no_next_opening():
    closed = hours(*(FULL_DAY,) * 7, closures=(Closure(date(2026, 1, 1), date(2030, 1, 1)),))
    assert closed.next_opening(paris("2026-11-27 10:00")) is None


def test_an_opening_in_the_hour_that_is_left_out_in_march_does_not_take_place():
    sundays = hours(*((),) * 6, NIGHT)
    assert sundays.next_opening(paris("2026-03-28 10:00")) == paris("2026-04-05 02:15")


def test_an_opening_that_the_change_in_march_cuts_begins_when_the_clock_has_jumped():
    cut = hours(*((),) * 6, (Period(2 * 60 + 30, 4 * 60),))
    assert cut.next_opening(paris("2026-03-29 00:00")) == paris("2026-03-29 03:00")


def test_an_opening_in_the_hour_that_comes_twice_in_october_takes_place_twice():
    sundays = hours(*((),) * 6, NIGHT)
    first, second = (datetime(2026, 10, 25, hour, 15, tzinfo=UTC) for hour in (0, 1))
    assert sundays.next_opening(first - 3 * MINUTE).astimezone(UTC) == first
    assert sundays.next_opening(first + 30 * MINUTE).astimezone(UTC) == second


def apart(ends: list[int]) -> tuple[Period, ...]:
    return tuple(Period(opens, closes) for opens, closes in zip(ends[::2], ends[1::2], strict=False))


periods = st.lists(st.integers(0, 288).map(lambda fives: fives * 5), max_size=4, unique=True).map(sorted).map(apart)
days_off = st.builds(
    lambda first, length: Closure(first, first + length * DAY),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 30),
)
any_hours = st.builds(
    OpeningHours,
    # Also where the clock changes at midnight, by half an hour, or for Ramadan.
    zone=st.sampled_from(["Europe/Paris", "America/Havana", "Australia/Lord_Howe", "Africa/Casablanca"]).map(ZoneInfo),
    week=st.tuples(*[periods] * 7),
    source=st.just("site"),
    public_holidays=st.sampled_from([None, "FR", "FR-974"]),
    closures=st.lists(days_off, max_size=3).map(tuple),
)
changes = st.sampled_from([datetime(2026, 3, 28), datetime(2026, 10, 24)])  # noqa: DTZ001 - the days before
near_a_change = st.builds(lambda day, seconds: day + timedelta(seconds=seconds), changes, st.integers(0, 2 * 86400))
any_time = (near_a_change | st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31))).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)


@given(any_hours, any_time)
@example(hours(*((),) * 6, NIGHT), datetime(2026, 10, 25, 0, 46, tzinfo=UTC))
@example(hours(*((),) * 6, (Period(150, 240),)), datetime(2026, 3, 28, 23, 0, tzinfo=UTC))
def test_next_opening_is_open_and_nothing_is_open_before_it(any_hours: OpeningHours, now: datetime):
    opening = any_hours.next_opening(now)
    checked = opening.astimezone(UTC) if opening else now + 366 * DAY
    assert checked >= now
    assert opening is None or any_hours.is_open(opening)
    for start in {now, max(now, checked - DAY)}:
        moments = [start, *(start.replace(second=0, microsecond=0) + minutes * MINUTE for minutes in range(1, 1440))]
        assert not any(any_hours.is_open(moment) for moment in moments if moment < checked)


def test_the_hours_of_the_folder_are_read():
    read = build(read_folder(Path(__file__).with_name("valid")), date(2026, 11, 24)).hours
    assert read == hours(
        FULL_DAY, (), (), (), (Period(20 * 60, 22 * 60), Period(22 * 60, 24 * 60)),
        public_holidays="FR-57",
        closures=(Closure(date(2026, 12, 24), date(2027, 1, 1), {"fr": "fermeture de fin d'année"}),),
    )  # fmt: skip


def test_without_the_file_no_hours_are_known():
    files = read_folder(Path(__file__).with_name("valid"))
    del files["hours.yaml"]
    assert build(files, date(2026, 11, 24)).hours is None


def test_the_example_is_accepted_once_its_source_is_declared():
    files = read_folder(ROOT / "knowledge")
    files["hours.yaml"] = (ROOT / "docs/exemples/hours.yaml").read_bytes()
    files["sources.yaml"] += (
        b'\n  - {id: exemple-horaires, title: "Nos heures", url: "https://example.org/heures", checked: 2026-11-24}\n'
    )
    assert build(files, None).hours.is_open(paris("2026-11-27 10:00"))
