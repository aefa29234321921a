"""The comparison with peers: its figures, its tables, and the public set that it draws."""

import pytest

from benchmarks.clinc150 import write_set
from benchmarks.compare import quality
from benchmarks.sizes import Timing, short, table
from bot.knowledge.loader import load
from bot.matching.evaluation import read_questions

QUESTIONS = read_questions(
    ['{"text": "a", "expected": "roses"}', '{"text": "b", "expected": "tools"}', '{"text": "c", "expected": null}']
)


def test_one_right_one_second_and_one_that_is_not_ours():
    figures = quality(QUESTIONS, [[("roses", 0.9)], [("roses", 0.5), ("tools", 0.4)], [("tools", 0.2)]])
    assert (figures["top1"], figures["three"], figures["auroc"]) == (0.5, 1.0, 1.0)
    assert figures["covered"] == 0.5  # at a floor above 0.5 nothing is wrong


def test_who_gives_one_answer_has_no_figure_for_three():
    assert quality(QUESTIONS, [[("roses", 0.9)], [], [("tools", 0.2)]])["three"] is None


def test_a_size_that_was_not_measured_is_a_dash():
    assert table({"m": [Timing(30, 0.031, 12.34)]}, [30, 1000]).splitlines()[-1] == "| m | 0.03 / 12.3 | – |"


@pytest.mark.parametrize(("milliseconds", "text"), [(0.5, "0.50"), (2.0, "2.0"), (1234.5, "1234")])
def test_times_have_as_many_decimals_as_they_need(milliseconds, text):
    assert short(milliseconds) == text


def test_the_public_set_is_a_knowledge_folder_with_its_questions(tmp_path):
    train = [(f"{name} number {number}", name) for name in ("book_hotel", "yes") for number in range(10)]
    test = [(f"{name} asked {number}", name) for name in ("book_hotel", "yes") for number in range(8)]
    strange = [(f"strange {number}", "oos") for number in range(400)]
    write_set(tmp_path, {"train": train, "test": test, "oos_test": strange})
    entries = load(tmp_path, None).entries
    assert {name: len(entry.utterances["en"]) for name, entry in entries.items()} == {"book-hotel": 8, "yes": 8}
    questions = read_questions((tmp_path / "questions.jsonl").read_text(encoding="utf-8").splitlines())
    assert [bool(question.expected) for question in questions] == [True] * 12 + [False] * 300
