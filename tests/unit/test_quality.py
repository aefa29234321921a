"""The bot's decisions against the staff's labels of real questions."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.matching.evaluation import read_questions
from bot.staff.quality import as_labels, quality
from bot.storage.model import Question

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def asked(number, expected, *, decision="answer", sure=0.9, at=MONDAY):
    return Question(
        id=number,
        ref=f"q{number}",
        channel="telegram",
        chat=f"chat-{number}",
        text=f"question {number}",
        language="fr",
        candidates=(("grant", sure), ("office", 0.05)),
        decision=decision,
        reason="confident",
        entry="grant" if decision == "answer" else None,
        status="answered",
        asked_at=at,
        expected=expected,
    )


def test_fewer_than_five_people_say_nothing():
    assert quality([asked(number % 4, "grant") for number in range(12)]) is None


def test_a_floor_is_proposed_above_what_was_wrong():
    right = [asked(number, "grant", sure=0.95) for number in range(5)]
    found = quality([*right, *(asked(number, "office", sure=0.7) for number in range(6, 11))])
    assert found.proposed.floor > 0.7
    assert (found.proposed.errors, found.proposed.answered_right) == (0.0, 0.5)


def test_no_floor_is_proposed_where_sure_answers_are_wrong():
    assert quality([asked(number, "office", sure=0.99) for number in range(5)]).proposed is None


def test_a_decision_is_right_that_answers_offers_or_rightly_passes_on():
    right = [
        asked(1, "grant"),
        asked(2, "office", decision="clarify"),
        asked(3, "", decision="hand_over"),
        *(asked(number, "grant") for number in (4, 5)),
    ]
    wrong = [asked(6, "office"), *(asked(number, "grant", decision="hand_over") for number in range(7, 11))]
    [week] = quality([*right, *wrong]).weeks
    assert (week.monday, week.questions, week.right) == (date(2026, 11, 23), 10, 50)


def test_one_wrong_answer_is_told_by_no_share_and_no_floor():
    found = quality([asked(number, "office" if number else "grant", sure=0.9 + number / 100) for number in range(5)])
    assert (found.questions, found.right, [week.right for week in found.weeks]) == (5, None, [None])
    one_wrong = quality([*(asked(number, "grant", sure=0.8) for number in range(9)), asked(9, "office", sure=0.98)])
    assert (one_wrong.right, one_wrong.points, one_wrong.proposed) == (None, (), None)


def test_the_share_of_a_week_cannot_be_computed_from_the_others_and_all_together():
    weeks = [
        asked(10 * week + number, "office" if number < wrong else "grant", at=MONDAY + timedelta(days=7 * week))
        for week, wrong in enumerate((5, 1, 0))
        for number in range(10)
    ]
    assert quality(weeks).right == 80
    assert [(week.questions, week.right) for week in quality(weeks).weeks] == [(10, None), (10, None), (10, 100)]


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from(["grant", "office", ""]), st.sampled_from([0.6, 0.8, 0.95])),
        max_size=60,
    )
)
def test_two_floors_that_are_shown_differ_by_nobody_or_by_five_people(given_labels):
    labels = [
        replace(asked(person, expected, sure=sure), id=n) for n, (person, expected, sure) in enumerate(given_labels)
    ]
    found = quality(labels)
    floors = [point.floor for point in found.points] if found else []
    for low, high in [*pairwise(floors), *((floor, 2) for floor in floors)]:
        for right in (True, False):
            those = {
                each.chat
                for each in labels
                if low <= each.candidates[0][1] < high and (each.expected == "grant") is right
            }
            assert len(those) == 0 or len(those) >= 5


def test_a_week_of_fewer_than_five_people_is_not_told():
    later = [asked(number, "grant", at=MONDAY + timedelta(days=7)) for number in range(5)]
    first, second = quality([asked(9, "grant"), *later]).weeks
    assert (first.questions, first.right) == (None, None)
    assert (second.questions, second.right) == (None, None)  # with the sum it would tell of the first


def test_a_single_week_that_is_hidden_cannot_be_computed_from_all_together():
    weeks = [
        asked(number, "grant", at=MONDAY + timedelta(days=7 * week))
        for week, people in enumerate((9, 7, 3))
        for number in range(people)
    ]
    assert [week.right for week in quality(weeks).weeks] == [100, None, None]
    assert (quality(weeks).questions, quality(weeks).right) == (19, 100)


def test_labels_are_a_question_set_that_evaluate_reads():
    lines = as_labels([asked(2, ""), asked(1, "grant"), asked(3, None)]).decode().splitlines()
    assert [json.loads(line)["expected"] for line in lines] == ["grant", None]
    assert [(each.expected, each.kind) for each in read_questions(lines)] == [(("grant",), "real"), ((), "real")]
