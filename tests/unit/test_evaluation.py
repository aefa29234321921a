"""The figures against values computed by hand, and the reading of question sets."""

import pytest

from bot.matching.evaluation import Labelled, Outcome, auroc, calibration_error, figures, intervals, read_questions
from bot.matching.model import Candidate, Ranking


def outcome(expected, ranked, *, answered=None, offered=(), language="fr", kind="plain"):
    """What became of one question; `ranked` is a dict entry → confidence, best first."""
    candidates = tuple(Candidate(entry, confidence) for entry, confidence in ranked.items())
    return Outcome(Labelled("?", expected, language, kind), Ranking("?", language, candidates), answered, offered)


@pytest.mark.parametrize(
    ("positive", "negative", "area"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5], [0.5], 0.5),
        ([0.9, 0.3], [0.5, 0.3], 0.625),
        ([], [0.5], None),
        ([0.5], [], None),
    ],
)
def test_auroc_is_the_share_of_pairs_in_the_right_order(positive, negative, area):
    assert auroc(positive, negative) == area


@pytest.mark.parametrize(
    ("confidences", "right", "error"),
    [
        ([1.0, 1.0], [True, True], 0.0),
        ([1.0], [False], 1.0),
        ([0.75, 0.75, 0.75, 0.75], [True, True, True, False], 0.0),
        ([0.9, 0.9, 0.2, 0.2], [True, False, False, False], 0.3),
        ([0.42, 0.48], [True, False], 0.05),
        ([], [], None),
    ],
)
def test_calibration_error_is_the_weighted_gap_of_ten_bins(confidences, right, error):
    assert calibration_error(confidences, right) == error


@pytest.mark.parametrize(
    ("expected", "labels"), [('"a"', ("a",)), ('["a", "b"]', ("a", "b")), ("null", ()), ("[]", ())]
)
def test_expected_is_one_entry_or_several_or_none(expected, labels):
    (question,) = read_questions([f'{{"text": "q", "expected": {expected}}}'])
    assert question.expected == labels


def test_empty_lines_of_a_question_set_are_skipped():
    assert len(read_questions(["", '{"text": "q", "expected": null}', "  \n"])) == 1


def test_language_and_kind_may_be_missing():
    assert read_questions(['{"text": "q", "expected": "a"}']) == [Labelled("q", ("a",), "?", "?")]


@pytest.mark.parametrize("line", ["{", '{"text": "q"}', '{"expected": "a"}', "[]", "3", '{"text": "q", "expected": 4}'])
def test_a_line_that_is_no_question_is_named(line):
    with pytest.raises(ValueError, match="ligne 3 "):
        read_questions(['{"text": "q", "expected": "a"}', "", line])


def test_an_outcome_is_resolved_by_one_of_the_three_entries_offered():
    assert outcome(("a",), {}, offered=("x", "y", "a")).resolved


def test_an_outcome_is_not_resolved_by_the_fourth_entry_offered():
    assert not outcome(("a",), {}, offered=("x", "y", "z", "a")).resolved


def test_figures_count_right_wrong_and_false_answers():
    figure = figures(
        [
            outcome(("a",), {"a": 0.9}, answered="a"),
            outcome(("a",), {"b": 0.8}, answered="b"),
            outcome((), {"a": 0.7}, answered="a"),
            outcome((), {"a": 0.1}),
        ]
    )
    assert (figure["answered_right"], figure["wrong_answers"], figure["false_answers"]) == (0.5, 0.5, 0.5)


def test_figures_are_given_by_language():
    figure = figures([outcome(("a",), {"a": 0.9}), outcome(("a",), {"b": 0.9}, language="de")])
    assert {language: part["top1"] for language, part in figure["by_lang"].items()} == {"de": 0.0, "fr": 1.0}


def test_figures_without_questions_are_none():
    assert figures([])["top1"] is None


def test_an_interval_holds_its_figure_and_is_the_same_every_time():
    outcomes = [outcome(("a",), {"a": 0.9} if number % 4 else {"b": 0.6}, answered="a") for number in range(40)]
    low, high = intervals(outcomes)["top1"]
    assert low < figures(outcomes)["top1"] < high
    assert intervals(outcomes) == intervals(outcomes)


def test_more_questions_make_an_interval_narrower():
    few = [outcome(("a",), {"a": 0.9} if number % 4 else {"b": 0.6}) for number in range(20)]
    (low, high), (lower, higher) = intervals(few * 20)["top1"], intervals(few)["top1"]
    assert high - low < higher - lower


def test_nothing_to_resample_gives_no_interval():
    assert intervals([]) == {}
