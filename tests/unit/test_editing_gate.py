"""The regression gate: which decisions change, for better and for worse."""

from datetime import date

import pytest

from bot.dialogue.effects import Decision
from bot.editing.gate import Change, GateResult, Grade, Reply, Shift, compare, grade, told
from bot.matching.evaluation import Labelled
from bot.matching.matcher import Matcher
from bot.matching.model import Candidate, Ranking
from tests.unit.dialogue_fakes import KNOWLEDGE
from tests.unit.matching_fakes import base

DAY = date(2026, 11, 24)


class Knows:
    """A version that has an answer for some questions."""

    knowledge = KNOWLEDGE

    def __init__(self, **answers):
        self.answers = answers

    def understand(self, text, *, day, language=None):  # noqa: ARG002 - the protocol's
        return tuple(
            Ranking(text, "fr", tuple(Candidate(*each) for each in part)) for part in self.answers.get(text, [()])
        )


def sure(entry):
    return [((entry, 0.95),)]


def unsure(*entries):
    return [tuple((entry, 0.4) for entry in entries)]


def labelled(text, *expected):
    return Labelled(text, expected, "fr", "plain")


def shifts(before, after, *questions, recent=()):
    result = compare(Knows(**before), Knows(**after), questions, recent, day=DAY)
    return [(change.question, change.shift) for change in result.changes]


@pytest.mark.parametrize(
    ("before", "after", "shift"),
    [
        (sure("office"), sure("grant"), Shift.BETTER),
        (sure("grant"), sure("office"), Shift.WORSE),
        (sure("grant"), unsure("grant", "office"), Shift.WORSE),
        (unsure("grant", "office"), sure("grant"), Shift.BETTER),
        (unsure("grant", "office"), [()], Shift.WORSE),
        ([()], unsure("office", "greeting"), Shift.OTHER),
        (sure("office"), [()], Shift.BETTER),
        (sure("office"), sure("greeting"), Shift.OTHER),
    ],
)
def test_a_labelled_question_gets_better_or_worse(before, after, shift):
    assert shifts({"q": before}, {"q": after}, labelled("q", "grant")) == [("q", shift)]


@pytest.mark.parametrize(
    ("before", "after", "shift"), [([()], sure("grant"), Shift.WORSE), (sure("grant"), unsure("grant"), Shift.BETTER)]
)
def test_a_question_that_is_not_ours_must_not_be_answered(before, after, shift):
    assert shifts({"q": before}, {"q": after}, labelled("q")) == [("q", shift)]


def test_what_stays_as_it_is_is_not_listed():
    result = compare(Knows(q=sure("grant")), Knows(q=sure("grant")), [labelled("q", "grant")], ["r"], day=DAY)
    assert result == GateResult(labelled=1, recent=1, changes=())
    assert result.safe


def test_of_a_real_question_only_the_change_is_known():
    assert shifts({"r": sure("grant")}, {"r": [()]}, recent=["r"]) == [("r", Shift.OTHER)]


def test_a_real_question_counts_once_and_its_label_goes_before():
    result = compare(Knows(), Knows(), [labelled("q", "grant")], ["q", "r", "r"], day=DAY)
    assert (result.labelled, result.recent) == (1, 1)


def test_a_change_in_the_second_part_of_a_message_is_seen():
    before, after = [*sure("grant"), *sure("office")], [*sure("grant"), *unsure("office", "dispute")]
    assert shifts({"q": before}, {"q": after}, labelled("q", "grant")) == [("q", Shift.OTHER)]


def test_what_gets_worse_comes_first():
    before = {"a": sure("office"), "b": sure("grant"), "c": sure("grant")}
    after = {"a": sure("grant"), "b": sure("office")}
    questions = [labelled("a", "grant"), labelled("b", "grant")]
    assert [name for name, _ in shifts(before, after, *questions, recent=["c"])] == ["b", "c", "a"]


def test_progress_is_told_question_by_question():
    done = []
    compare(
        Knows(),
        Knows(),
        [labelled("q", "a")],
        ["r"],
        day=DAY,
        progress=lambda number, total: done.append((number, total)),
    )
    assert done == [(1, 2), (2, 2)]


def test_it_is_summed_up_for_agents():
    after = Knows(q=sure("office"), r=unsure("grant", "office"))
    result = compare(Knows(q=sure("grant")), after, [labelled("q", "grant")], ["r"], day=DAY)
    assert result.summary() == (
        "Questions étiquetées relues : 1 ; questions récentes relues : 1. Mieux : 0 ; moins bien : 1 ; autrement : 1."
    )
    assert [told(change, KNOWLEDGE, KNOWLEDGE) for change in result.changes] == [
        "« q » : répond avec « Demander une aide » → répond avec « Où sommes-nous ? »",
        "« r » : passe la main → propose « Demander une aide », « Où sommes-nous ? »",
    ]


def test_without_questions_it_says_that_nothing_was_checked():
    assert "ni question" in compare(Knows(), Knows(), [], [], day=DAY).summary()


def test_grades_fall_from_right_to_wrong():
    replies = [
        Reply(Decision.ANSWER, "grant", ()),
        Reply(Decision.CLARIFY, None, ("office", "grant")),
        Reply(Decision.HAND_OVER, None, ()),
        Reply(Decision.ANSWER, "office", ()),
    ]
    assert [grade(reply, ("grant",)) for reply in replies] == list(Grade)


def test_a_change_without_label_has_no_grade():
    reply = (Reply(Decision.HAND_OVER, None, ()),)
    assert Change("q", None, reply, reply).grades is None


def test_two_real_matchers_are_compared():
    words = ["où est la piscine", "nager à la piscine"], ["lire un livre", "la bibliothèque et ses livres"]
    before, after = (
        Matcher.build(base(dict(zip(names, words, strict=True)), out_of_scope=["la météo", "le train"]), None)
        for names in (("swim", "read"), ("read", "swim"))
    )
    (change,) = compare(before, after, [labelled("la piscine", "swim")], [], day=DAY).changes
    assert [replies[0].offered for replies in (change.before, change.after)] == [("swim", "read"), ("read", "swim")]
