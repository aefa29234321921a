"""Questions that ask the same stand together, whenever they came."""

from dataclasses import dataclass, field

import numpy as np

from bot.staff.likeness import Likeness
from tests.storage.examples import question

MEANINGS = {"chien": (1, 0), "toutou": (0.95, 0.31), "chat": (0, 1)}


@dataclass
class Encoder:
    """Knows three words; remembers what it was asked."""

    asked: list[str] = field(default_factory=list)

    def identity(self) -> str:
        return "test"

    def dimension(self) -> int:
        return 2

    def encode(self, texts):
        """By the last word."""
        self.asked += texts
        return np.array([MEANINGS[text.split()[-1]] for text in texts], np.float32)


def asked(*texts: str, topic: str | None = "house"):
    candidates = ((topic, 0.3),) if topic else ()
    return [question(f"q{n}", text, id=n, candidates=candidates) for n, text in enumerate(texts, start=1)]


def gathered(likeness: Likeness, questions) -> list[list[int]]:
    return [[each.id for each in group] for group in likeness.together(questions)]


def test_the_same_words_in_another_order_are_one_group():
    questions = asked("Où est la maison du Département ?", "la maison du département où est", "le prix du pain")
    likeness = Likeness()
    likeness.take_up(questions, None)
    assert gathered(likeness, questions) == [[1, 2], [3]]
    assert not likeness.by_meaning(2)


def test_what_comes_later_joins_its_group_and_only_new_wordings_are_encoded():
    questions, encoder, likeness = asked("mon chien", "mon chien", "le chat"), Encoder(), Likeness()
    likeness.take_up(questions[:1], encoder)
    likeness.take_up(questions, encoder)
    assert gathered(likeness, questions) == [[1, 2], [3]]
    assert encoder.asked == ["mon chien", "le chat"]


def test_a_near_meaning_joins_and_is_marked_only_with_the_same_topic():
    questions, likeness = asked("mon chien", "ton toutou"), Likeness()
    likeness.take_up(questions, Encoder())
    assert gathered(likeness, questions) == [[1, 2]]
    assert [likeness.by_meaning(number) for number in (1, 2)] == [False, True]
    other = [questions[0], *asked("x", "ton toutou", topic="office")[1:]]
    likeness = Likeness()
    likeness.take_up(other, Encoder())
    assert gathered(likeness, other) == [[1], [2]]


def test_what_is_in_no_group_yet_stands_alone():
    questions, likeness = asked("un", "un"), Likeness()
    assert gathered(likeness, questions) == [[1], [2]]
    assert likeness.missing(questions) == questions


def test_what_is_settled_is_forgotten_and_may_come_back():
    questions, likeness = asked("mon chien", "mon chien"), Likeness()
    likeness.take_up(questions, None)
    likeness.keep_only(set())
    assert likeness.missing(questions) == questions
    likeness.take_up(questions[1:], None)
    assert gathered(likeness, questions[1:]) == [[2]]
