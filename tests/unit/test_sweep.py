"""Floors: what each would cost, and which is the lowest that keeps the errors below a rate."""

from bot.matching.evaluation import Labelled, Outcome
from bot.matching.model import Candidate, Ranking
from bot.matching.sweep import propose, sweep


def outcome(expected, confidence):
    """The first candidate is always "a"."""
    return Outcome(
        Labelled("?", expected, "fr", "plain"),
        Ranking("?", "fr", (Candidate("a", confidence),)),
        answered=None,
        offered=(),
    )


RIGHT, WRONG, STRANGE = ("a",), ("b",), ()
OUTCOMES = [
    outcome(RIGHT, 0.99),
    outcome(RIGHT, 0.9),
    outcome(RIGHT, 0.7),
    outcome(WRONG, 0.6),
    outcome(STRANGE, 0.8),
    outcome(STRANGE, 0.1),
]


def at(floor):
    return next(point for point in sweep(OUTCOMES) if point.floor == floor)


def test_each_floor_counts_what_would_have_been_answered():
    point = at(0.7)
    assert (point.answered_right, point.wrong_answers, point.false_answers, point.errors) == (0.75, 0.0, 0.5, 0.25)


def test_a_lower_floor_never_answers_less():
    shares = [point.answered_right for point in sweep(OUTCOMES)]
    assert shares == sorted(shares, reverse=True)


def test_the_lowest_floor_within_the_rate_is_proposed():
    assert propose(sweep(OUTCOMES), 0.0).floor == 0.825
    assert propose(sweep(OUTCOMES), 0.34).floor == 0.625


def test_no_floor_is_proposed_when_every_one_has_too_many_errors():
    assert propose(sweep([outcome(WRONG, 0.999)]), 0.5) is None
