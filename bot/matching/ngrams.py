"""Sparse TF-IDF vectors of character and word n-grams, and the scalar products of one text with all of a corpus."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.matching.model import Matrix, Rows


class SparseRow(NamedTuple):
    """One text: the numbers of its n-grams, and their weights (length 1 in all)."""

    columns: NDArray[np.int32]
    weights: NDArray[np.float32]


_MOST_POSTINGS = 300_000
"""How many postings one text may touch, the rarest n-grams first: beyond it the common ones say little and cost most.

With the 3,400 sentences of the shipped folder the development questions touch 57,000, 180,000 at most.
"""

_NEAR, _LEAST = 0.5, 1e-6
"""How like a text must be to count beside the most alike: relatively to it, and at all."""

_COMMON = 32
"""Texts from which an n-gram is common: common ones are multiplied as a matrix, rare ones pair by pair."""

_AT_ONCE = 2048
"""Common n-grams multiplied at a time, so that memory stays bounded."""

Extract = Callable[[str], Iterable[str]]
"""Text in normal form → its n-grams, repeated as often as they occur."""


def character_ngrams(text: str, shortest: int = 2, longest: int = 5) -> list[str]:
    """The n-grams inside the words, each word between spaces, as they bear prefixes and endings.

    >>> character_ngrams("fonds", 4, 5)
    [' fon', 'fond', 'onds', 'nds ', ' fond', 'fonds', 'onds ']
    """
    return [gram for word in text.split() for gram in _inside(word, shortest, longest)]


@lru_cache(maxsize=10_000)  # words return again and again; what is kept is single words, never a message
def _inside(word: str, shortest: int, longest: int) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(
        padded[start : start + size]
        for size in range(shortest, min(longest, len(padded)) + 1)
        for start in range(len(padded) - size + 1)
    )


def word_ngrams(text: str) -> list[str]:
    """Words and pairs of neighbours."""
    words = text.split()
    return words + [f"{first} {second}" for first, second in pairwise(words)]


@dataclass(frozen=True, slots=True)
class NgramIndex:
    """The n-grams of a corpus with their postings: per n-gram the rows that hold it and with which weight."""

    extract: Extract
    vocabulary: dict[str, int]
    idf: NDArray[np.float32]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]
    size: int
    """Number of texts."""

    @classmethod
    def build(cls, texts: Sequence[str], extract: Extract) -> "NgramIndex":
        """Index `texts`, which are in normal form."""
        vocabulary: dict[str, int] = {}
        held, times, lengths = array("i"), array("i"), array("i")  # millions of numbers: no object for each
        for text in texts:
            count = Counter(extract(text))
            held.extend([vocabulary.setdefault(gram, len(vocabulary)) for gram in count])
            times.extend(count.values())
            lengths.append(len(count))
        columns = np.array(held, np.int32)
        frequencies = np.bincount(columns, minlength=len(vocabulary))
        idf = (np.log((1 + len(texts)) / (1 + frequencies)) + 1).astype(np.float32)
        owners = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
        weights = (1 + np.log(np.array(times, np.float32))) * idf[columns]
        norms = np.sqrt(np.bincount(owners, weights=weights**2, minlength=len(texts)))
        weights = (weights / norms[owners]).astype(np.float32)
        order = np.argsort(columns, kind="stable")
        starts = np.zeros(len(vocabulary) + 1, np.int64)
        np.cumsum(frequencies, out=starts[1:])
        return cls(extract, vocabulary, idf, starts, owners[order], weights[order], len(texts))

    def vector(self, text: str) -> SparseRow:
        """The text as a row of length 1; n-grams that the corpus does not hold are left out."""
        counts = Counter(self.extract(text))
        columns = np.array([self.vocabulary.get(gram, -1) for gram in counts], np.int32)
        times = np.array(list(counts.values()), np.float32)[columns >= 0]
        columns = columns[columns >= 0]
        weights = (1 + np.log(times)) * self.idf[columns]
        return SparseRow(columns, (weights / np.linalg.norm(weights)).astype(np.float32))

    def similarities(self, text: str) -> Matrix:
        """The cosine of `text` with each text of the corpus: shape (size,)."""
        vector = self.vector(text)
        lengths = self._lengths(vector)
        if lengths.sum() > _MOST_POSTINGS:
            vector = self._rarest_first(vector)
            lengths = self._lengths(vector)
        if not len(lengths):
            return np.zeros(self.size, np.float32)
        spans = self._spans(vector)
        rows = np.concatenate([self.rows[span] for span in spans])
        products = np.concatenate([self.weights[span] for span in spans])
        products *= np.repeat(vector.weights, lengths)
        return np.bincount(rows, weights=products, minlength=self.size).astype(np.float32)

    def nearest(self, text: str) -> tuple[Rows, Matrix]:
        """The texts of the corpus that are at least `_NEAR` times as like `text` as the most alike; and their cosines.

        Their numbers ascend. In a very large corpus the rest, nearly all of it, need not be looked at any further.
        """
        vector = self._rarest_first(self.vector(text))
        cosines = np.zeros(self.size, np.float32)
        for span, weight in zip(self._spans(vector), vector.weights, strict=True):
            cosines[self.rows[span]] += weight * self.weights[span]
        near = np.flatnonzero(cosines >= max(_NEAR * cosines.max(initial=0), _LEAST))
        return near, cosines[near]

    def _lengths(self, vector: SparseRow) -> NDArray[np.int64]:
        """How many texts hold each of its n-grams."""
        lengths: NDArray[np.int64] = self.starts[vector.columns + 1] - self.starts[vector.columns]
        return lengths

    def _spans(self, vector: SparseRow) -> list[slice]:
        """Where the postings of each of its n-grams are."""
        starts, ends = self.starts[vector.columns].tolist(), self.starts[vector.columns + 1].tolist()
        return [slice(*span) for span in zip(starts, ends, strict=True)]

    def _rarest_first(self, vector: SparseRow) -> SparseRow:
        """The same without the n-grams beyond `_MOST_POSTINGS`; the rarest stays in any case."""
        lengths = self._lengths(vector)
        order = np.argsort(lengths, kind="stable")
        allowed = max(1, int((np.cumsum(lengths[order]) <= _MOST_POSTINGS).sum()))
        chosen = order[:allowed]
        return SparseRow(vector.columns[chosen], vector.weights[chosen])

    def own_similarities(self) -> Matrix:
        """The cosine of each text of the corpus with each: shape (size, size). A fifth of the time of one by one."""
        lengths = np.diff(self.starts)
        cosines = self._of_rare(lengths)
        common = np.flatnonzero(lengths > _COMMON)
        for first in range(0, len(common), _AT_ONCE):
            columns = common[first : first + _AT_ONCE]
            dense = np.zeros((self.size, len(columns)), np.float32)
            for place, column in enumerate(columns):
                span = slice(self.starts[column], self.starts[column + 1])
                dense[self.rows[span], place] = self.weights[span]
            cosines += dense @ dense.T
        return cosines

    def _of_rare(self, lengths: NDArray[np.int64]) -> Matrix:
        cells, products = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for length in range(1, _COMMON + 1):
            columns = np.flatnonzero(lengths == length)
            postings = self.starts[columns][:, None] + np.arange(length)
            rows, weights = self.rows[postings].astype(np.int64), self.weights[postings]
            cells.append((rows[:, :, None] * self.size + rows[:, None, :]).ravel())
            products.append((weights[:, :, None] * weights[:, None, :]).ravel())
        sums = np.bincount(np.concatenate(cells), np.concatenate(products), self.size**2)
        return sums.reshape(self.size, self.size).astype(np.float32)
