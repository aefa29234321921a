"""Text → the numbers of its word pieces, as SentencePiece's unigram model cuts it (Kudo, 2018, arXiv:1804.10959)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.encoding.e5_file import Vocabulary

_SPACE = "\u2581"
"""Stands for the space, at the beginning of a word and nowhere else: words can be cut one by one."""

_UNKNOWN_COSTS = 10.0
"""How much less likely than the least likely piece a character is that no piece holds."""

_WORDS_KEPT = 20_000
_LONGEST_KEPT = 30
"""Letters."""


class WordPieces:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._longest = max(map(len, vocabulary.pieces))
        self._unknown_score = min(vocabulary.scores) - _UNKNOWN_COSTS
        self._of_word = lru_cache(_WORDS_KEPT)(self._most_likely)

    def __call__(self, text: str) -> list[int]:
        """The numbers of the pieces, without those of the beginning and the end."""
        numbers: list[int] = []
        for word in self._words(text):
            # What is kept is words as they return, no address, number or message without spaces.
            kept = len(word) <= _LONGEST_KEPT and word.removeprefix(_SPACE).isalpha()
            numbers.extend(self._of_word(word) if kept else self._most_likely(word))
        return numbers

    def _words(self, text: str) -> Iterator[str]:
        normal = self._vocabulary.normal
        said = re.sub(" +", " ", "".join(normal.get(letter, letter) for letter in text))
        for word in said.removeprefix(" ").split(" "):
            yield _SPACE + word

    def _most_likely(self, word: str) -> tuple[int, ...]:
        """The pieces with the highest sum of log probabilities (Viterbi)."""
        vocabulary, size = self._vocabulary, len(word)
        best: list[tuple[float, int, int]] = [(0.0, 0, 0), *[(float("-inf"), 0, 0)] * size]
        for start in range(size):
            before = best[start][0]
            for end in range(start + 1, min(size, start + self._longest) + 1):
                number = vocabulary.pieces.get(word[start:end])
                if number is not None and before + vocabulary.scores[number] > best[end][0]:
                    best[end] = (before + vocabulary.scores[number], start, number)
            if before + self._unknown_score > best[start + 1][0]:
                best[start + 1] = (before + self._unknown_score, start, vocabulary.unknown)
        numbers, end = [], size
        while end:
            _, end, number = best[end]
            numbers.append(number)
        return tuple(reversed(numbers))
