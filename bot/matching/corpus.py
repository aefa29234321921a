"""The sentences that teach the matcher, and how alike a text is to each of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.model import KnowledgeBase
from bot.language.normal_form import normalise
from bot.matching.model import Matrix, Rows


@dataclass(frozen=True)
class Corpus:
    """Utterances of entries, and background."""

    texts: tuple[str, ...]
    forms: tuple[str, ...]
    """The normal form of each."""
    languages: tuple[str, ...]
    labels: NDArray[np.int64]
    """The entry of each, by its number; the background has the last one."""
    entries: tuple[str, ...]
    generic: NDArray[np.bool_]
    """The built-in background: sentences that are in general not ours."""

    @property
    def background(self) -> int:
        return len(self.entries)

    @classmethod
    def of(cls, knowledge: KnowledgeBase) -> "Corpus":
        """Utterances and titles of entries, then the folder's out-of-scope sentences and the built-in background.

        A background sentence that is also somebody's utterance is left out. So are retired entries: beside one, its
        successor in the same words would never be sure. A folder of nothing else is learnt all the same, and answers
        nothing.
        """
        rows: list[tuple[str, str, str, int]] = []
        entries = knowledge.in_use or knowledge.entries
        background = len(entries)
        for number, entry in enumerate(entries.values()):
            spoken = {(text, language) for language, texts in entry.utterances.items() for text in texts}
            spoken |= {(title, language) for language, title in entry.title.items()}
            rows.extend((text, normalise(text), language, number) for text, language in sorted(spoken))
        taken = {form for _, form, _, _ in rows}
        for pool in (knowledge.out_of_scope, knowledge.background):
            own = len(rows)
            for language, texts in pool.items():
                forms = ((text, normalise(text)) for text in texts)
                rows.extend((text, form, language, background) for text, form in forms if form not in taken)
        texts, normal, languages, labels = zip(*rows, strict=True)
        generic = np.arange(len(rows)) >= own
        return cls(texts, normal, languages, np.array(labels, np.int64), tuple(entries), generic)


@dataclass(frozen=True)
class Signals:
    """The likeness of texts to sentences of the corpus, by each signal: each of shape (texts, sentences)."""

    rows: Rows
    """The numbers of these sentences, ascending: all, or those that are most like the texts."""
    lexical: Matrix
    """Characters and words in common, 0 to 1."""
    meaning: Matrix | None
    """Scalar product of the centred vectors, -1 to 1; None: lexical signals only."""

    def kernel(self) -> Matrix:
        """What is learnt on.

        The square lets two sentences that mean nearly the same count for more than two halves of one. The weights were
        chosen on a public set as well as on ours (docs/matching.md): every knowledge base uses the same.
        """
        if self.meaning is None:
            return (1 + self.lexical) ** 2
        return self.meaning + (1 + self.meaning) ** 2 + self.lexical

    def likeness(self) -> Matrix:
        """One likeness for all signals, 0 to 1 nearly: for the nearest utterance."""
        return self.lexical if self.meaning is None else (self.lexical + self.meaning) / np.float32(2)

    def row(self, number: int) -> "Signals":
        """Those of one text."""
        return Signals(self.rows, self.lexical[[number]], None if self.meaning is None else self.meaning[[number]])

    def without(self, row: int) -> "Signals":
        """Those of the other sentences."""
        others = self.rows != row
        meaning = None if self.meaning is None else self.meaning[:, others]
        return Signals(self.rows[others], self.lexical[:, others], meaning)

    def closest(self) -> "Signals":
        """One row: for each sentence, the signals of the text that is most like it."""
        closest = self.likeness().argmax(axis=0)[None]
        meaning = None if self.meaning is None else np.take_along_axis(self.meaning, closest, axis=0)
        return Signals(self.rows, np.take_along_axis(self.lexical, closest, axis=0), meaning)


def centred(vectors: Matrix, centre: Matrix) -> Matrix:
    """E5's vectors share a large common part (unrelated sentences: cosine 0.84): without it they spread."""
    moved = vectors - centre
    norms: Matrix = np.linalg.norm(moved, axis=1, keepdims=True)
    spread: Matrix = (moved / np.maximum(norms, 1e-9)).astype(np.float32)
    return spread
