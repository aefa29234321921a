"""Logits → the probability that the first candidate is right, learnt on questions the model had not seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.logistic import softmax
from bot.matching.model import Matrix

Evidence = NDArray[np.float64]
"""One row a question: see `evidence`."""

_PENALTY = 1.0
_STEPS = 30


def evidence(logits: Matrix, likeness: Matrix, labels: NDArray[np.int64], background: int) -> Evidence:
    """What speaks for the first candidate of each question: shape (questions, 3).

    The log-odds of the first candidate against all the rest, background included; the likeness of its nearest
    utterance; the likeness of the nearest background sentence. The lead over the second candidate, words that the
    knowledge does not know, and a second model of ours against background were tried and left out (docs/matching.md).

    Args:
        logits: shape (questions, classes).
        likeness: to sentences of the corpus, shape (questions, sentences).
        labels: the class of each of these sentences; a class that has none is not like the question at all.
        background: the class that stands for "not ours".
    """
    chosen = logits[:, :background].argmax(axis=1)
    best = np.clip(np.take_along_axis(softmax(logits), chosen[:, None], axis=1)[:, 0], 1e-6, 1 - 1e-6)
    nearest = np.array([_highest(row[labels == label]) for row, label in zip(likeness, chosen, strict=True)])
    strange = likeness[:, labels == background].max(axis=1, initial=0)
    return np.column_stack([np.log(best / (1 - best)), nearest, strange]).astype(np.float64)


def _highest(values: Matrix) -> float:
    return float(values.max()) if len(values) else 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression on the evidence (Platt scaling with several inputs; J. Platt 1999)."""

    weights: NDArray[np.float64]
    """One a column of the evidence, then the constant."""
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def fit(cls, rows: Evidence, right: NDArray[np.bool_], weight: NDArray[np.float64]) -> "Calibration":
        """Learn from questions whose first candidate was `right` or not; Newton's method with a small ridge."""
        mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
        inputs = np.column_stack([(rows - mean) / scale, np.ones(len(rows))])
        ridge = np.diag([_PENALTY] * rows.shape[1] + [1e-3])
        weights = np.zeros(inputs.shape[1])
        for _ in range(_STEPS):
            probability = _sigmoid(inputs @ weights)
            gradient = inputs.T @ (weight * (probability - right)) + ridge @ weights
            curvature = (inputs * (weight * probability * (1 - probability))[:, None]).T @ inputs + ridge
            weights = weights - np.linalg.solve(curvature, gradient)
        return cls(weights, mean, scale)

    def probability(self, rows: Evidence) -> NDArray[np.float64]:
        """Shape (questions,): the probability that the first candidate is right."""
        return _sigmoid(((rows - self.mean) / self.scale) @ self.weights[:-1] + self.weights[-1])


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
    return probabilities
