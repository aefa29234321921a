"""Figures for the staff: none speaks of fewer than five people, not even by subtraction."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.hours import LEGAL_TIME
from bot.privacy.few import LEAST
from bot.staff.figures import (
    Cell,
    Period,
    by_day,
    by_hour,
    counted,
    growing,
    merged,
    totals,
    waiting,
)
from bot.storage.console import Answered, Waited

WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))
NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)


def asked(people: range, at: datetime = NOON, decision: str = "answer", text: str = "où ?") -> list[Answered]:
    return [Answered(n, f"p{n}", at, "fr", decision, "open", "house", text) for n in people]


def facts(**people: int) -> list[tuple[str, str]]:
    return [(what, f"{what}{n}") for what, number in people.items() for n in range(number)]


def test_five_people_are_shown_and_four_are_not_nor_what_would_give_them_away():
    assert counted(facts(a=9, b=6, c=4)) == [Cell("a", 9, 9), Cell("b", None, None), Cell("c", None, None)]
    assert counted(facts(a=5)) == [Cell("a", 5, 5)]


def test_one_person_who_asks_ten_times_is_one():
    assert counted([("a", "awa")] * 10) == [Cell("a", None, None)]


def test_two_hidden_cells_of_five_people_hide_nothing_more():
    cells = counted(facts(a=9, b=3, c=4))
    assert [cell.count for cell in cells] == [9, None, None]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 12).map(str)), max_size=80))
def test_no_shown_figure_is_of_few_people_and_no_single_cell_is_hidden_alone(given_facts):
    cells = counted(given_facts)
    shown = [cell for cell in cells if cell.count is not None]
    assert all(cell.people is not None and cell.people >= LEAST for cell in shown)
    if shown:
        assert len(cells) - len(shown) != 1


def test_small_topics_are_merged_into_one_line():
    cells = merged(facts(a=9, b=3, c=4), str.upper, "autres")
    assert cells == [Cell("A", 9, 9), Cell("autres", 7, 7)]
    assert merged(facts(a=9, b=6), str.upper, "autres") == [Cell("A", 9, 9), Cell("B", 6, 6)]


def test_what_is_merged_of_too_few_people_has_no_figure():
    assert merged([("a", "x"), ("b", "y")], str, "autres") == [Cell("autres", None, None)]


def test_totals_name_decisions_of_five_people_and_nothing_below():
    mixed = asked(range(8)) + asked(range(10, 16), decision="hand_over") + asked(range(20, 26), decision="clarify")
    found = totals(mixed)
    assert (found.questions, found.people, found.answered, found.clarified, found.handed_over) == (20, 20, 8, 6, 6)
    assert totals(asked(range(4))).questions is None


def rating(people: range, *, helped: bool) -> list[Answered]:
    return [replace(each, ratings={"house": helped}) for each in asked(people)]


def test_the_share_that_helped_needs_five_people_on_each_side_or_none():
    found = totals([*rating(range(9), helped=True), *rating(range(10, 16), helped=False), *asked(range(20, 22))])
    assert (found.rated, found.helped) == (15, 60)
    one_refused = totals([*rating(range(9), helped=True), *rating(range(10, 11), helped=False)])
    assert (one_refused.rated, one_refused.helped) == (10, None)  # the share would speak of that one person
    assert totals(rating(range(9), helped=True)).helped == 100
    few = totals([*rating(range(3), helped=True), *asked(range(10, 20))])
    assert (few.rated, few.helped) == (None, None)
    assert (totals(asked(range(9))).rated, totals(asked(range(9))).helped) == (0, None)


def test_a_question_belongs_to_the_day_of_the_service_not_of_greenwich():
    midnight = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)  # half past midnight in France
    days = {cell.label: cell.count for cell in by_day(asked(range(6), midnight), WEEK)}
    assert (days["18/11"], days["19/11"]) == (None if days["18/11"] is None else 0, 6)


def test_a_day_without_questions_is_zero_and_long_periods_are_told_by_weeks():
    cells = by_day(asked(range(6)), WEEK)
    assert [cell.count for cell in cells] == [0, 0, 6, 0, 0, 0, 0]
    assert len(by_day([], Period(date(2026, 9, 1), date(2026, 11, 22)))) == 12


def test_hours_are_those_of_the_service():
    week = by_hour(asked(range(6)), WEEK, ["lu", "ma", "me", "je", "ve", "sa", "di"])
    assert week[2][0] == "me"
    assert [cell.count for cell in week[2][1]] == [0, 0, 0, 0, 6, 0, 0, 0]  # 12 h in France


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 23), st.integers(0, 12)), max_size=80))
def test_a_hidden_hour_is_not_what_its_day_has_more_than_the_hours_shown(given_questions):
    monday = datetime(2026, 11, 16, tzinfo=LEGAL_TIME)
    week = [
        each
        for day, hour, person in given_questions
        for each in asked(range(person, person + 1), monday + timedelta(days=day, hours=hour))
    ]
    table, days = by_hour(week, WEEK, list("LMmJVSD")), by_day(week, WEEK)
    for (_, cells), day in zip(table, days, strict=True):
        shown = [cell for cell in cells if cell.count]
        assert all(cell.people is not None and cell.people >= LEAST for cell in shown)
        assert not shown or (day.count is not None and sum(cell.count is None for cell in cells) != 1)


def test_a_day_of_few_people_is_not_what_the_hours_of_its_weekday_have_more_than_the_others():
    month = Period(date(2026, 11, 1), date(2026, 11, 28))
    few, many = asked(range(3)), asked(range(10, 20), NOON + timedelta(days=7))
    thursday = asked(range(20, 26), NOON + timedelta(days=1))
    table = by_hour([*few, *many, *thursday], month, list("LMmJVSD"))
    assert [sum(cell.count is None for cell in cells) for _, cells in table] == [0, 0, 1, 1, 0, 0, 0]


def test_waiting_is_the_median_and_the_ninth_tenth_of_five_people_or_more():
    waited = [Waited(f"p{n}", NOON, NOON + timedelta(minutes=n)) for n in range(1, 12)]
    found = waiting(waited)
    assert found is not None
    assert (found.median, found.p90, found.replies) == (timedelta(minutes=6), timedelta(minutes=10), 11)
    assert waiting(waited[:4]) is None
    assert waiting([Waited("", NOON, NOON)] * 9) is None
    assert waiting([Waited(f"p{n}", NOON, None) for n in range(9)]) is None


def test_a_gap_grows_when_more_people_ask_than_before():
    before = NOON - timedelta(days=7)
    grown = asked(range(8)) + asked(range(20, 26), before)
    shrunk = asked(range(5)) + asked(range(20, 27), before)
    few = asked(range(4))
    (gap,) = growing([grown, shrunk, few], WEEK)
    assert (gap.people, gap.before) == (8, 6)
    assert growing([asked(range(6)) + asked(range(20, 22), before)], WEEK)[0].before is None


def test_the_period_before_has_as_many_days_and_ends_where_this_one_begins():
    assert WEEK.before() == Period(date(2026, 11, 9), date(2026, 11, 15))
    assert WEEK.before().end == WEEK.start
