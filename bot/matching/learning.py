"""What the matcher learns from its corpus: coefficients of the classes, and the calibration. Kept between starts."""

import hashlib
from dataclasses import dataclass

import numpy as np

from bot.matching import logistic
from bot.matching.calibration import Calibration, evidence
from bot.matching.corpus import Corpus, Signals
from bot.matching.model import Arrays, Matrix

VERSION = 2
"""To be raised with every change of this package that changes what is learnt from the same sentences."""

# Chosen on the questions of a public set (CLINC150, docs/matching.md), not on our own.
_PENALTY = 0.1
_FOLDS = 5
_NEVER = -1e3
"""The logit of a class that the model does not know."""

_OUT_OF_SCOPE_SHARE = 0.25
"""How much of what people write is not ours, for the calibration; whatever the number of background sentences."""

_HELD_OUT_WORTH = 50
"""How many background sentences the entries are worth, each in turn unknown to the model: examples of what is not ours.

A folder with few out-of-scope sentences of its own learns caution from them; one with hundreds hardly needs them.
"""


@dataclass(frozen=True)
class Learnt:
    coefficients: Matrix
    """Shape (sentences, classes): a row of the kernel times them are the logits of a text."""
    calibration: Calibration

    @classmethod
    def of(cls, corpus: Corpus, signals: Signals) -> "Learnt":
        """Learn from the likeness of every sentence to every other; some 15 s for 2,600 sentences in 31 classes."""
        kernel, labels, classes = signals.kernel(), corpus.labels, len(corpus.entries) + 1
        step = logistic.newton_step(kernel, _PENALTY)
        coefficients = logistic.fit(kernel, labels, classes, penalty=_PENALTY, step=step)
        folds = logistic.even_folds(labels, _FOLDS)
        unseen = logistic.unseen_logits(kernel, labels, classes, folds, penalty=_PENALTY, step=step)
        groups = np.where(labels == corpus.background, -1, labels % _FOLDS)
        unknown = logistic.unseen_logits(kernel, labels, classes, groups, penalty=_PENALTY, step=step)
        return cls(coefficients, _calibrate(corpus, signals.likeness(), unseen, unknown))

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


def _calibrate(corpus: Corpus, likeness: Matrix, unseen: Matrix, unknown: Matrix) -> Calibration:
    """Fit on sentences that the model had not seen, and on those of entries that it did not know at all.

    Args:
        corpus: the sentences.
        likeness: of each to each; the nearest utterance is never the sentence itself.
        unseen: logits of models that had not seen the sentence.
        unknown: logits of models that did not know its entry: all they can say about it is wrong.
    """
    labels, background = corpus.labels, corpus.background
    likeness = likeness.copy()
    np.fill_diagonal(likeness, -1)
    ours, strange = labels != background, labels == background
    seen_rows = evidence(unseen, likeness, labels, background)
    unknown = unknown[ours]
    unknown[labels[ours, None] % _FOLDS == np.arange(background + 1) % _FOLDS] = _NEVER
    unknown_rows = evidence(unknown, likeness[ours], labels, background)
    right = unseen[:, :background].argmax(axis=1) == labels
    of_strange = strange.sum() / (strange.sum() + _HELD_OUT_WORTH)
    weight = np.where(
        ours, _share(1 - _OUT_OF_SCOPE_SHARE, ours.sum()), _share(_OUT_OF_SCOPE_SHARE * of_strange, strange.sum())
    )
    unknown_weight = _share(_OUT_OF_SCOPE_SHARE * (1 - of_strange), ours.sum())
    return Calibration.fit(
        np.concatenate([seen_rows, unknown_rows]),
        np.concatenate([right, np.zeros(len(unknown_rows), bool)]),
        np.concatenate([weight, np.full(len(unknown_rows), unknown_weight)]) * len(labels),
    )


def _share(share: float, count: int) -> float:
    return share / max(count, 1)
