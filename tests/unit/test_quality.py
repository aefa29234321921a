"""The bot's decisions against the staff's labels of real questions."""

import json
from datetime import UTC, date, datetime, timedelta

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
    found = quality([*right, asked(6, "office", sure=0.7)])
    assert found.proposed.floor > 0.7
    assert (found.proposed.errors, found.proposed.answered_right) == (0.0, 0.8333)


def test_no_floor_is_proposed_where_sure_answers_are_wrong():
    assert quality([asked(number, "office", sure=0.99) for number in range(5)]).proposed is None


def test_a_decision_is_right_that_answers_offers_or_rightly_passes_on():
    found = quality(
        [
            asked(1, "grant"),
            asked(2, "office", decision="clarify"),
            asked(3, "", decision="hand_over"),
            asked(4, "office"),
            asked(5, "grant", decision="hand_over"),
        ]
    )
    [week] = found.weeks
    assert (week.monday, week.questions, week.right) == (date(2026, 11, 23), 5, 60)


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
