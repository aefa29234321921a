"""What citizens say of entries, as staff are asked about it."""

import pytest

from bot.staff.feedback import feedback
from tests.storage.examples import question

CHOSEN = {"decision": "clarify", "status": "answered", "entry": "grant"}


def said(*questions, entries=("grant", "office"), decided=()):
    return [(each.entry, each.right) for each in feedback(questions, entries, decided)]


def test_a_topic_that_was_chosen_is_right_and_a_refused_answer_is_wrong():
    assert said(question(**CHOSEN), question("q2", ratings={"office": False, "grant": True})) == [
        ("grant", True),
        ("office", False),
    ]


def test_a_choice_that_was_refused_afterwards_is_only_wrong():
    assert said(question(**CHOSEN, ratings={"grant": False})) == [("grant", False)]


@pytest.mark.parametrize(
    "changes",
    [{"status": "open"}, {"decision": "answer"}, {"entry": None}, {"entry": "gone"}, {"reviewed": {"grant": False}}],
    ids=str,
)
def test_what_says_nothing_or_was_decided_on_is_not_asked_about(changes):
    assert said(question(**CHOSEN | changes)) == []


def test_the_same_opinion_in_the_same_words_is_one():
    alike = [question(f"q{number}", text, **CHOSEN) for number, text in enumerate(("Une aide ?", "une AIDE", "autre"))]
    german, refused = question("q8", "Une aide ?", **CHOSEN, language="de"), question("q9", ratings={"grant": False})
    found = feedback([*alike, german, refused], ("grant",))
    assert [[each.ref for each in one.questions] for one in found] == [["q0", "q1"], ["q2"], ["q8"], ["q9"]]


def test_an_opinion_in_words_that_staff_have_decided_on_is_not_asked_about_again():
    past = question("q1", "Une aide ?", **CHOSEN, reviewed={"grant": False})
    again, other = question("q2", "une AIDE", **CHOSEN), question("q3", "une AIDE", ratings={"grant": False})
    assert said(again, other, decided=[past]) == [("grant", False)]
    assert said(past, again) == []
