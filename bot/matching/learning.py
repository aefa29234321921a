"""What the matcher learns from its corpus: coefficients of the classes, and the calibration. Kept between starts."""

import hashlib
from dataclasses import dataclass

import numpy as np

from bot.matching import logistic
from bot.matching.calibration import Calibration, evidence
from bot.matching.corpus import Corpus, Signals
from bot.matching.model import Arrays, Matrix

VERSION = 1
"""To be raised with every change of this package that changes what is learnt from the same sentences."""

# Chosen on the questions of a public set (CLINC150, docs/matching.md), not on our own.
_PENALTY = 0.1
_FOLDS = 5

_OUT_OF_SCOPE_SHARE = 0.25
"""How much of what people write is not ours, for the calibration; whatever the number of background sentences."""


@dataclass(frozen=True)
class Learnt:
    coefficients: Matrix
    """Shape (sentences, classes): a row of the kernel times them are the logits of a text."""
    calibration: Calibration

    @classmethod
    def of(cls, corpus: Corpus, signals: Signals) -> "Learnt":
        """Learn from the likeness of every sentence to every other; some 15 s for 2,600 sentences in 31 classes."""
        kernel, classes = signals.kernel(), len(corpus.entries) + 1
        coefficients = logistic.fit(kernel, corpus.labels, classes, penalty=_PENALTY)
        unseen = logistic.out_of_fold_logits(kernel, corpus.labels, classes, penalty=_PENALTY, folds=_FOLDS)
        return cls(coefficients, _calibrate(corpus, unseen, signals.likeness()))

    def arrays(self) -> Arrays:
        calibration = self.calibration
        return {
            "coefficients": self.coefficients,
            "weights": calibration.weights,
            "mean": calibration.mean,
            "scale": calibration.scale,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Learnt":
        return cls(arrays["coefficients"], Calibration(arrays["weights"], arrays["mean"], arrays["scale"]))


def key_of(corpus: Corpus, read: list[str], encoder: str) -> str:
    """Equal keys mean that the same would be learnt again.

    Args:
        corpus: the sentences.
        read: their normal form: it changes with the vocabulary and with the code that reads.
        encoder: its identity, or "" for lexical signals only.
    """
    digest = hashlib.sha256(repr((VERSION, encoder, corpus.entries)).encode())
    for text, form, label in zip(corpus.texts, read, corpus.labels.tolist(), strict=True):
        digest.update(repr((text, form, label)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _calibrate(corpus: Corpus, logits: Matrix, likeness: Matrix) -> Calibration:
    """Fit on logits of unseen sentences; the nearest utterance is never the sentence itself."""
    np.fill_diagonal(likeness, -1)
    chosen = logits[:, : corpus.background].argmax(axis=1)
    members = [np.flatnonzero(corpus.labels == number) for number in range(corpus.background)]
    nearest = np.array([likeness[row, members[number]].max() for row, number in enumerate(chosen)], np.float32)
    ours = corpus.labels != corpus.background
    share = np.where(ours, 1 - _OUT_OF_SCOPE_SHARE, _OUT_OF_SCOPE_SHARE)
    counts = np.where(ours, max(ours.sum(), 1), max((~ours).sum(), 1))
    weight = share / counts * len(ours)
    return Calibration.fit(evidence(logits, nearest, corpus.background), chosen == corpus.labels, weight)
