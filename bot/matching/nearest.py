"""The matcher of large folders: the entry of the most alike sentence, calibrated; nothing grows with the square."""

from dataclasses import dataclass

import numpy as np

from bot.matching.calibration import Calibration, evidence
from bot.matching.corpus import Corpus, Signals
from bot.matching.logistic import Labels
from bot.matching.model import Matrix

_SHARPNESS = 10.0
"""Likeness → logit. Chosen on CLINC150 among 5, 10, 20, 40 (docs/matching.md)."""

_SAMPLE = 600
"""Sentences compared with all others to calibrate."""


@dataclass(frozen=True)
class Nearest:
    """Stands where `Learnt` stands when there are too many sentences to learn from all pairs of them."""

    labels: Labels
    calibration: Calibration

    @staticmethod
    def sample(corpus: Corpus) -> Labels:
        """The sentences to calibrate on: half of them ours, half background, evenly drawn."""
        ours, strange = (np.flatnonzero((corpus.labels == corpus.background) == flag) for flag in (False, True))
        return np.concatenate([_even(ours, _SAMPLE // 2), _even(strange, _SAMPLE // 2)])

    @classmethod
    def of(cls, corpus: Corpus, sample: Labels, signals: Signals) -> "Nearest":
        """Calibrate on the likeness of the `sample` to all sentences; none of them sees itself."""
        likeness = signals.likeness().copy()
        likeness[np.arange(len(sample)), sample] = -1
        truth = corpus.labels[sample]
        logits = _logits(likeness, corpus.labels)
        rows = evidence(logits, likeness, corpus.labels, corpus.background)
        right = logits[:, : corpus.background].argmax(axis=1) == truth
        weight = np.where(truth == corpus.background, 0.25, 0.75)
        return cls(corpus.labels, Calibration.fit(rows, right, weight))

    def logits(self, signals: Signals) -> Matrix:
        return _logits(signals.likeness(), self.labels)


def _logits(likeness: Matrix, labels: Labels) -> Matrix:
    """The best likeness of each class; sentences of a class stand side by side in the corpus."""
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    best: Matrix = np.maximum.reduceat(likeness, starts, axis=1)
    return best * np.float32(_SHARPNESS)


def _even(numbers: Labels, count: int) -> Labels:
    places = np.linspace(0, len(numbers) - 1, min(count, len(numbers))).astype(np.int64)
    chosen: Labels = numbers[np.unique(places)]
    return chosen
