"""Multinomial logistic regression on a kernel, in numpy: the learnt part of the matcher.

scikit-learn would bring scipy (113 MB installed) for this one solver; the tests hold it to the optimality conditions.
"""

import numpy as np
from numpy.typing import NDArray

from bot.matching.model import Matrix

Labels = NDArray[np.int64]
Flags = NDArray[np.bool_]

_TOLERANCE = 1e-3

_UNSEEN_TOLERANCE = 3e-3
"""For the models of the folds, which only calibrate."""

_RANK = 100
"""Columns of the rough copy of the kernel that the conjugate gradients start from; 300 saved no time."""

_MOST_NEWTON, _MOST_CONJUGATE = 30, 40
"""Steps; the shipped knowledge takes 7 and, together, 80."""

_MOST_COLUMNS = 512
"""Classes times folds that are fitted at once: a wide product takes a third of the time of as many narrow ones."""


def softmax(logits: Matrix) -> Matrix:
    """Probabilities along the last axis."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Matrix = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def fit(kernel: Matrix, labels: Labels, classes: int, *, penalty: float, tolerance: float = _TOLERANCE) -> Matrix:
    """Coefficients `a`, shape (texts, classes): `kernel_row @ a` are the logits of a text.

    Minimises ``-sum(log p) + penalty/2 * trace(a.T @ kernel @ a)``.

    Args:
        kernel: positive semi-definite, shape (texts, texts).
        labels: the class of each text, 0 to `classes` - 1.
        classes: how many there are.
        penalty: weight of the regularisation, > 0 (scikit-learn's 1/C).
        tolerance: largest entry of the gradient (in units of probability) at which to stop.
    """
    kept = np.ones((1, len(labels)), bool)
    coefficients: Matrix = _Problem(kernel, labels, classes, kept, penalty).solve(tolerance)[0]
    return coefficients


def even_folds(labels: Labels, folds: int) -> Labels:
    """The fold of each text: text i of a class is in fold i modulo `folds`: each class loses its texts evenly."""
    fold = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        fold[members] = np.arange(len(members)) % folds
    return fold


def unseen_logits(
    kernel: Matrix, labels: Labels, classes: int, fold: Labels, *, penalty: float, tolerance: float = _UNSEEN_TOLERANCE
) -> Matrix:
    """For each text the logits of a model that has not seen its fold, shape (texts, classes).

    Args:
        kernel: as in `fit`.
        labels: as in `fit`.
        classes: as in `fit`.
        fold: of each text; a negative one is never held out, its logits are zero.
        penalty: as in `fit`.
        tolerance: as in `fit`.
    """
    logits = np.zeros((len(labels), classes), np.float32)
    numbers = np.unique(fold[fold >= 0])
    at_once = max(1, _MOST_COLUMNS // classes)
    for first in range(0, len(numbers), at_once):
        held = fold[None, :] == numbers[first : first + at_once, None]
        coefficients = _Problem(kernel, labels, classes, ~held, penalty).solve(tolerance)
        for without, texts in zip(coefficients, held, strict=True):
            logits[texts] = kernel[texts] @ without
    return logits


class _Problem:
    """Fits over parts of the same texts, solved together: every array has one layer a part.

    Newton's method, each step by conjugate gradients in the geometry of the kernel (there the gradient in `a` is the
    residual), with a low-rank copy of the kernel as preconditioner. Rows that a part lacks are zero throughout.
    """

    def __init__(self, kernel: Matrix, labels: Labels, classes: int, kept: Flags, penalty: float) -> None:
        """`kept` has the texts of each part: shape (parts, texts)."""
        self._kernel, self._penalty = kernel, np.float32(penalty)
        self._kept = kept[..., None].astype(np.float32)
        self._target = np.eye(classes, dtype=np.float32)[labels] * self._kept
        self._rough = _low_rank(kernel, min(_RANK, len(kernel)))

    def solve(self, tolerance: float) -> Matrix:
        """The coefficients of each part, from zero: those of a fit to all texts are a worse start than that."""
        coefficients = logits = np.zeros_like(self._target)
        loss = self._loss(coefficients, logits)
        for _ in range(_MOST_NEWTON):
            probabilities = softmax(logits) * self._kept
            residual = probabilities - self._target + self._penalty * coefficients
            size = np.abs(residual).max(axis=(1, 2))
            if (size < tolerance).all():
                break
            # A part that is done stands still.
            goal = np.where(size < tolerance, np.inf, np.maximum(0.3 * tolerance, 0.3 * size))
            step, moved = self._newton(probabilities, residual, goal)
            length = np.ones(len(loss), np.float32)
            while True:
                scale = length[:, None, None]
                ahead, ahead_logits = coefficients - scale * step, logits - scale * moved
                ahead_loss = self._loss(ahead, ahead_logits)
                worse = (ahead_loss > loss + 1e-6 * np.abs(loss) + 1e-6) & (length > 1e-3)
                if not worse.any():
                    break
                length[worse] /= 2
            coefficients, logits, loss = ahead, ahead_logits, ahead_loss
        return coefficients

    def _newton(self, probabilities: Matrix, residual: Matrix, goal: NDArray[np.float64]) -> tuple[Matrix, Matrix]:
        """The step that makes the residual vanish to first order, and the kernel times it."""
        roughly = self._preconditioner(probabilities)
        step, moved, rest = np.zeros_like(residual), np.zeros_like(residual), residual
        search = along = np.zeros_like(residual)
        before = np.ones(len(residual))
        for _ in range(_MOST_CONJUGATE):
            active = np.abs(rest).max(axis=(1, 2)) > goal
            if not active.any():
                break
            guess = roughly(rest)
            image = self._times(guess)
            power = _products(rest, image)
            active &= power > 0
            keep = np.where(before > 0, power / np.where(before > 0, before, 1), 0)[:, None, None].astype(np.float32)
            search, along, before = guess + keep * search, image + keep * along, power
            weighted = probabilities * along
            curved = weighted - probabilities * weighted.sum(axis=2, keepdims=True) + self._penalty * search
            bend = _products(along, curved)
            size = np.where(active & (bend > 0), power / np.where(bend > 0, bend, 1), 0)[:, None, None]
            pace = size.astype(np.float32)
            step, moved, rest = step + pace * search, moved + pace * along, rest - pace * curved
        return step, moved

    def _preconditioner(self, probabilities: Matrix) -> "_Preconditioner":
        return _Preconditioner(self._rough, (probabilities * (1 - probabilities)).mean(axis=2), self._penalty)

    def _times(self, values: Matrix) -> Matrix:
        """The kernel times each part, without the rows that the part lacks: one wide product."""
        parts, texts, classes = values.shape
        wide = self._kernel @ values.transpose(1, 0, 2).reshape(texts, parts * classes)
        product: Matrix = wide.reshape(texts, parts, classes).transpose(1, 0, 2) * self._kept
        return product

    def _loss(self, coefficients: Matrix, logits: Matrix) -> NDArray[np.float64]:
        highest = logits.max(axis=2, keepdims=True)
        sums = np.log(np.exp(logits - highest).sum(axis=2, keepdims=True)) + highest
        loss = ((sums * self._kept).sum(axis=(1, 2), dtype=np.float64)) - _products(self._target, logits)
        penalised: NDArray[np.float64] = loss + 0.5 * float(self._penalty) * _products(coefficients, logits)
        return penalised


class _Preconditioner:
    """The inverse of the Hessian as it would be with one weight a text and a kernel of low rank (Woodbury)."""

    def __init__(self, rough: Matrix, weight: Matrix, penalty: np.float32) -> None:
        self._rough, self._weight, self._penalty = rough, weight[..., None], penalty
        inner = np.stack([rough.T @ (rough * layer) for layer in self._weight])
        self._inner = np.linalg.inv(inner + penalty * np.eye(rough.shape[1], dtype=np.float32)).astype(np.float32)

    def __call__(self, values: Matrix) -> Matrix:
        corrected: Matrix = values - self._weight * (self._rough @ (self._inner @ (self._rough.T @ values)))
        return corrected / self._penalty


def _low_rank(kernel: Matrix, rank: int) -> Matrix:
    """`b` with ``b @ b.T`` near the kernel: Cholesky's decomposition, largest pivot first, ended early."""
    left = kernel.diagonal().copy()
    columns = np.zeros((len(kernel), rank), np.float32)
    for number in range(rank):
        pivot = int(left.argmax())
        if left[pivot] < 1e-6:
            return columns[:, :number]
        column = kernel[:, pivot] - columns[:, :number] @ columns[pivot, :number]
        columns[:, number] = column / np.sqrt(left[pivot])
        left = np.maximum(left - columns[:, number] ** 2, 0)
    return columns


def _products(one: Matrix, other: Matrix) -> NDArray[np.float64]:
    """The scalar product of each part with its counterpart."""
    return np.array([np.vdot(a, b) for a, b in zip(one, other, strict=True)], np.float64)
