"""The labelled questions judge the matcher: the knowledge must not hold them."""

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.loader import load
from bot.language.normal_form import normalise
from bot.matching.evaluation import read_questions

ROOT = Path(__file__).parents[2]


SETS = sorted(file.name for file in (ROOT / "tests/data").glob("questions-*.jsonl"))


def test_all_sets_are_looked_at():
    assert {
        "questions-dev.jsonl",
        "questions-challenge.jsonl",
        "questions-fresh-unread.jsonl",
        "questions-blind.jsonl",
    } <= set(SETS)


@pytest.mark.parametrize("name", SETS)
def test_no_labelled_question_stands_word_for_word_in_the_knowledge(name):
    knowledge = load(ROOT / "knowledge", date(2026, 11, 24))
    taught = {
        normalise(text) for entry in knowledge.entries.values() for texts in entry.utterances.values() for text in texts
    }
    taught |= {
        normalise(text)
        for entry in knowledge.entries.values()
        for texts in (*entry.must_match.values(), *entry.must_not_match.values())
        for text in texts
    }
    taught |= {normalise(text) for texts in knowledge.out_of_scope.values() for text in texts}
    questions = read_questions((ROOT / "tests/data" / name).read_text(encoding="utf-8").splitlines())
    long_enough = [question.text for question in questions if len(normalise(question.text).split()) > 3]
    assert [text for text in long_enough if normalise(text) in taught] == []
