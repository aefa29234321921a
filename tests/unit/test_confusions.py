"""The report of `evaluate`: which entries are taken for each other, and which questions to look at first."""

from bot.matching.confusions import confusions, faults
from bot.matching.evaluation import Labelled, Outcome
from bot.matching.model import Candidate, Ranking, Signal


def outcome(text, expected, best, confidence, *, answered=None, offered=()):
    signals = (Signal("likeness", 0.5, f"phrase de {best}"),)
    ranking = Ranking(text, "fr", (Candidate(best, confidence, signals),) if best else ())
    return Outcome(Labelled(text, expected, "fr", "plain"), ranking, answered, offered)


RIGHT = outcome("right", ("a",), "a", 0.9, answered="a")
OFFERED = outcome("offered", ("a",), "b", 0.6, offered=("b", "a"))
WRONG = outcome("wrong", ("a",), "b", 0.9, answered="b")
MISSED = outcome("missed", ("c",), "b", 0.3)
FALSE = outcome("false", (), "a", 0.95, answered="a")
SILENT = outcome("silent", (), "a", 0.2)
NOTHING = outcome("nothing", ("a",), None, 0.0)


def test_entries_that_are_taken_for_each_other_are_counted_with_the_surest_example():
    first, *others = confusions([RIGHT, OFFERED, WRONG, MISSED, FALSE, SILENT, NOTHING])
    assert (first.expected, first.taken_for, first.questions, first.answered) == ("a", "b", 2, 1)
    assert (first.example, first.nearest) == ("wrong", "phrase de b")
    assert [(each.expected, each.taken_for) for each in others] == [(None, "a"), ("c", "b")]


def test_the_surest_wrong_answer_comes_first_and_what_is_resolved_does_not_come():
    found = faults([RIGHT, NOTHING, MISSED, OFFERED, WRONG, FALSE, SILENT])
    assert [fault.text for fault in found] == ["false", "wrong", "missed", "nothing"]
    assert [fault.answered for fault in found] == ["a", "b", None, None]
