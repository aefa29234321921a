"""The corpus made ready to be compared with a text: by every signal, or by words alone where it is very large."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import cycle

import numpy as np

from bot.language.reading import Reading
from bot.matching.corpus import Corpus, Signals, centred
from bot.matching.model import Encoder, Matrix, Rows
from bot.matching.ngrams import NgramIndex, character_ngrams, word_ngrams

_MOST_ENCODED = 50_000
"""Sentences up to which meaning and characters count: encoding as many takes minutes. Beyond, words do."""


@dataclass(frozen=True)
class Index:
    reading: Reading
    lexical: tuple[NgramIndex, ...]
    """By turns with the names and without; characters, then words: the lexical signal is their mean."""
    vectors: Matrix | None = None
    centre: Matrix | None = None
    nearest_only: bool = False
    """A text is compared with the sentences that are most like it, and with no others: there are too many."""

    @classmethod
    def build(cls, corpus: Corpus, reading: Reading, read: Sequence[str], encoder: Encoder | None) -> "Index":
        if len(read) > _MOST_ENCODED:
            return cls(reading, (NgramIndex.build(read, word_ngrams),), nearest_only=True)
        bare = [reading.without_names(text) for text in read]
        lexical = tuple(
            NgramIndex.build(texts, extract) for extract in (character_ngrams, word_ngrams) for texts in (read, bare)
        )
        if encoder is None:
            return cls(reading, lexical)
        raw = encoder.encode(corpus.texts)
        centre = raw.mean(axis=0)
        return cls(reading, lexical, centred(raw, centre), centre)

    def signals(self, read: Sequence[str], vectors: Matrix | None) -> Signals:
        """The likeness of texts, given in normal form and as centred vectors, to the corpus."""
        if self.nearest_only:
            return self._nearest(read)
        meaning = None if vectors is None or self.vectors is None else vectors @ self.vectors.T
        return Signals(self._all, np.stack([self._lexical(text) for text in read]), meaning)

    def own_signals(self) -> Signals:
        """The likeness of the corpus to itself."""
        lexical = self.lexical[0].own_similarities()
        for index in self.lexical[1:]:
            lexical += index.own_similarities()
        meaning = None if self.vectors is None else self.vectors @ self.vectors.T
        return Signals(self._all, lexical / np.float32(len(self.lexical)), meaning)

    @property
    def _all(self) -> Rows:
        return np.arange(self.lexical[0].size)

    def _lexical(self, text: str) -> Matrix:
        forms = cycle((text, self.reading.without_names(text)))
        likenesses = [index.similarities(form) for index, form in zip(self.lexical, forms, strict=False)]
        mean: Matrix = np.mean(likenesses, axis=0, dtype=np.float32)
        return mean

    def _nearest(self, read: Sequence[str]) -> Signals:
        found = [self.lexical[0].nearest(text) for text in read]
        rows = reduce(np.union1d, [near for near, _ in found])
        lexical = np.zeros((len(read), len(rows)), np.float32)
        for number, (near, cosines) in enumerate(found):
            lexical[number, np.searchsorted(rows, near)] = cosines
        return Signals(rows, lexical, None)
