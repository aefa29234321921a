"""The encoder that remembers gives the vectors of the one behind it, and asks it once."""

import numpy as np

from bot.encoding.recent import RecentEncoder


class Counting:
    """Vectors that tell the length of the text."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def identity(self) -> str:
        return "counting"

    def dimension(self) -> int:
        return 2

    def encode(self, texts):
        self.asked.append(list(texts))
        return np.array([[len(text), 1] for text in texts], np.float32).reshape(-1, 2)


def test_each_text_has_its_own_vector_in_the_order_asked():
    encoder = RecentEncoder(Counting())
    assert encoder.encode(["ccc", "a", "bb", "a"])[:, 0].tolist() == [3, 1, 2, 1]


def test_a_text_of_a_batch_is_not_encoded_again():
    behind = Counting()
    encoder = RecentEncoder(behind)
    encoder.encode(["a", "bb"])
    encoder.encode(["bb", "dddd"])
    assert behind.asked == [["a", "bb"], ["dddd"]]


def test_the_text_met_longest_ago_is_forgotten_first():
    behind = Counting()
    encoder = RecentEncoder(behind, kept=2)
    for texts in (["a"], ["bb"], ["a"], ["ccc"], ["a"], ["bb"]):
        encoder.encode(texts)
    assert behind.asked == [["a"], ["bb"], ["ccc"], ["bb"]]


def test_a_batch_larger_than_the_memory_is_whole():
    assert len(RecentEncoder(Counting(), kept=1).encode(["a", "bb", "ccc"])) == 3


def test_nothing_gives_an_empty_matrix():
    assert RecentEncoder(Counting()).encode([]).shape == (0, 2)
