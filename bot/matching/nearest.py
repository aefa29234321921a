"""The matcher of large folders: the entry of the most alike sentence, calibrated; nothing grows with the square."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bot.matching.calibration import Calibration, evidence
from bot.matching.corpus import Corpus, Signals
from bot.matching.logistic import Labels
from bot.matching.model import Matrix, Rows

_SHARPNESS = 10.0
"""Likeness → logit. Chosen on CLINC150 among 5, 10, 20, 40 (docs/matching.md)."""

_SAMPLE = 600
"""Sentences compared with all others to calibrate."""


@dataclass(frozen=True)
class Nearest:
    """Stands where `Learnt` stands when there are too many sentences to learn from all pairs of them."""

    labels: Labels
    classes: int
    calibration: Calibration

    @staticmethod
    def sample(corpus: Corpus) -> Rows:
        """The sentences to calibrate on: half of them ours, half background, evenly drawn."""
        ours, strange = (np.flatnonzero((corpus.labels == corpus.background) == flag) for flag in (False, True))
        return np.concatenate([_even(ours, _SAMPLE // 2), _even(strange, _SAMPLE // 2)])

    @classmethod
    def of(cls, corpus: Corpus, sample: Iterable[tuple[int, Signals]]) -> "Nearest":
        """Calibrate on sentences of the corpus with their signals, one row each; none of them sees itself."""
        classes, rows, truth, right = corpus.background + 1, [], [], []
        for number, signals in sample:
            others = signals.without(number)
            labels = corpus.labels[others.rows]
            logits = _logits(others, labels, classes)
            rows.append(evidence(logits, others.likeness(), labels, corpus.background))
            truth.append(corpus.labels[number])
            right.append(logits[0, : corpus.background].argmax() == truth[-1])
        weight = np.where(np.array(truth) == corpus.background, 0.25, 0.75)
        return cls(corpus.labels, classes, Calibration.fit(np.concatenate(rows), np.array(right), weight))

    def logits(self, signals: Signals) -> Matrix:
        return _logits(signals, self.labels[signals.rows], self.classes)


def _logits(signals: Signals, labels: Labels, classes: int) -> Matrix:
    """The best likeness of each class; sentences of a class stand side by side in the corpus."""
    logits = np.zeros((len(signals.lexical), classes), np.float32)
    if len(labels):
        starts = np.flatnonzero(np.diff(labels, prepend=-1))
        best = np.maximum.reduceat(signals.likeness(), starts, axis=1)
        logits[:, labels[starts]] = best * np.float32(_SHARPNESS)
    return logits


def _even(numbers: Rows, count: int) -> Rows:
    places = np.linspace(0, len(numbers) - 1, min(count, len(numbers))).astype(np.int64)
    chosen: Rows = numbers[np.unique(places)]
    return chosen
