"""What the matcher learns from its corpus: coefficients of the classes, and the calibration. Kept between starts."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from threading import Lock, Thread

import numpy as np

from bot.matching import logistic
from bot.matching.calibration import Calibration, evidence
from bot.matching.corpus import Corpus, Signals
from bot.matching.logistic import Labels
from bot.matching.model import Arrays, Matrix

VERSION = 8
"""To be raised with every change of this package that changes what is learnt from the same sentences."""

# Chosen on the questions of a public set (CLINC150, docs/matching.md), not on our own.
_PENALTY = 0.1
_FOLDS = 5
_NEVER = -1e3
"""The logit of a class that the model does not know."""

_OUT_OF_SCOPE_SHARE = 0.25
"""How much of what people write is not ours, for the calibration; whatever the number of background sentences.

Of two subjects a person knows less than of thirty: with n entries it is 1 / (1 + n), if that is more.
"""

_OUR_SUBJECT = 0.3
"""Likeness to an utterance from which a built-in background sentence may be about our subject: it teaches nothing."""

_learning = Lock()
"""One at a time in a process: each takes half a gigabyte, and both processors."""

SILENT = -1
"""The label of a sentence that teaches nothing."""

_HELD_OUT_WORTH = 50
"""How many background sentences the entries are worth, each in turn unknown to the model: examples of what is not ours.

A folder with few out-of-scope sentences of its own learns caution from them; one with hundreds hardly needs them.
"""


@dataclass(frozen=True)
class Learnt:
    labels: Labels
    """The class of each sentence of the corpus, or `SILENT`."""
    coefficients: Matrix
    """Shape (sentences, classes): a row of the kernel times them are the logits of a text."""
    calibration: Calibration

    @classmethod
    def of(cls, corpus: Corpus, signals: Signals) -> "Learnt":
        """Learn from the likeness of every sentence to every other (times: docs/matching.md)."""
        likeness, classes = signals.likeness(), len(corpus.entries) + 1
        labels = _labels(corpus, likeness)
        taught = np.flatnonzero(labels != SILENT)
        grid = np.ix_(taught, taught)
        with _learning:
            kernel, likeness = signals.kernel()[grid], likeness[grid]
            del signals  # 78 MB each with 4,400 sentences
            coefficients, calibration = _fit(kernel, labels[taught], classes, likeness)
        every = np.zeros((len(labels), classes), np.float32)
        every[taught] = coefficients
        return cls(labels, every, calibration)

    def logits(self, signals: Signals) -> Matrix:
        """Shape (texts, classes)."""
        logits: Matrix = signals.kernel() @ self.coefficients
        return logits

    def arrays(self) -> Arrays:
        calibration = self.calibration
        return {
            "labels": self.labels,
            "coefficients": self.coefficients,
            "weights": calibration.weights,
            "mean": calibration.mean,
            "scale": calibration.scale,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Learnt":
        calibration = Calibration(arrays["weights"], arrays["mean"], arrays["scale"])
        return cls(arrays["labels"], arrays["coefficients"], calibration)


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


def _labels(corpus: Corpus, likeness: Matrix) -> Labels:
    """Those of the corpus; built-in background sentences that may be about our subject are silent."""
    ours = corpus.labels != corpus.background
    about_us = likeness[:, ours].max(axis=1) >= _OUR_SUBJECT
    return np.where(corpus.generic & about_us, SILENT, corpus.labels)


def _fit(kernel: Matrix, labels: Labels, classes: int, likeness: Matrix) -> tuple[Matrix, Calibration]:
    problem = (kernel, labels, classes)
    folds = logistic.even_folds(labels, _FOLDS)
    groups = np.where(labels == classes - 1, -1, labels % _FOLDS)
    # The two that take longest side by side: numpy lets go of the interpreter.
    unseen = _started(partial(logistic.unseen_logits, *problem, folds, penalty=_PENALTY))
    unknown = logistic.unseen_logits(*problem, groups, penalty=_PENALTY)
    coefficients = logistic.fit(*problem, penalty=_PENALTY)
    return coefficients, _calibrate(labels, classes - 1, likeness, unseen.result(), unknown)


def _started(work: Callable[[], Matrix]) -> Future[Matrix]:
    """`work` in a thread that does not hold up the end of the process, as an executor's would."""
    future: Future[Matrix] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - who asks for the result gets it
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


def _calibrate(labels: Labels, background: int, likeness: Matrix, unseen: Matrix, unknown: Matrix) -> Calibration:
    """Fit on sentences that the model had not seen, and on those of entries that it did not know at all.

    Args:
        labels: of the sentences.
        background: the class that stands for "not ours".
        likeness: of each to each, overwritten on the diagonal: the nearest utterance is never the sentence itself.
        unseen: logits of models that had not seen the sentence.
        unknown: logits of models that did not know its entry: all they can say about it is wrong.
    """
    np.fill_diagonal(likeness, -1)
    ours, strange = labels != background, labels == background
    seen_rows = evidence(unseen, likeness, labels, background)
    right = unseen[:, :background].argmax(axis=1) == labels
    unknown = unknown[ours]
    unknown[:, :background][labels[ours, None] % _FOLDS == np.arange(background) % _FOLDS] = _NEVER
    unknown_rows = evidence(unknown, likeness[ours], labels, background)
    of_strange = strange.sum() / (strange.sum() + _HELD_OUT_WORTH)
    not_ours = max(_OUT_OF_SCOPE_SHARE, 1 / (1 + background))
    weight = np.where(ours, _share(1 - not_ours, ours.sum()), _share(not_ours * of_strange, strange.sum()))
    unknown_weight = _share(not_ours * (1 - of_strange), ours.sum())
    return Calibration.fit(
        np.concatenate([seen_rows, unknown_rows]),
        np.concatenate([right, np.zeros(len(unknown_rows), bool)]),
        np.concatenate([weight, np.full(len(unknown_rows), unknown_weight)]) * len(labels),
    )


def _share(share: float, count: int) -> float:
    return share / max(count, 1)
