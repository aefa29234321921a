"""Multinomial logistic regression on a kernel, in numpy: the learnt part of the matcher.

scikit-learn would bring scipy (113 MB installed) for this one solver; the tests hold it to the optimality conditions.
"""

import numpy as np
from numpy.typing import NDArray

from bot.matching.model import Matrix

Labels = NDArray[np.int64]


def softmax(logits: Matrix) -> Matrix:
    """Probabilities along the last axis."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Matrix = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def fit(
    kernel: Matrix,
    labels: Labels,
    classes: int,
    *,
    penalty: float,
    tolerance: float = 1e-3,
    step: Matrix | None = None,
) -> Matrix:
    """Coefficients `a`, shape (texts, classes): `kernel_row @ a` are the logits of a text.

    Minimises ``-sum(log p) + penalty/2 * trace(a.T @ kernel @ a)`` by Newton steps with Böhning's constant bound of the
    Hessian (D. Böhning, *Multinomial logistic regression algorithm*, 1992), accelerated by Nesterov's momentum with
    restarts (O'Donoghue and Candès, 2015).

    Args:
        kernel: positive semi-definite, shape (texts, texts).
        labels: the class of each text, 0 to `classes` - 1.
        classes: how many there are.
        penalty: weight of the regularisation, > 0 (scikit-learn's 1/C).
        tolerance: largest entry of the gradient (in units of probability) at which to stop.
        step: `newton_step(kernel, penalty)`, if it is known already.
    """
    target = np.eye(classes, dtype=np.float32)[labels]
    step = newton_step(kernel, penalty) if step is None else step
    current = np.zeros_like(target)
    ahead = current
    momentum = 1.0
    for _ in range(500):
        residual = softmax(kernel @ ahead) - target + penalty * ahead
        if np.abs(residual).max() < tolerance:
            break
        following = ahead - step @ residual
        if np.vdot(ahead - following, following - current) > 0:
            momentum = 1.0
        next_momentum = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + np.float32((momentum - 1) / next_momentum) * (following - current)
        current, momentum = following, next_momentum
    return ahead


def newton_step(kernel: Matrix, penalty: float) -> Matrix:
    """The inverse of the bound of the Hessian: most of the time that a fit takes."""
    bound = 0.5 * kernel + penalty * np.eye(len(kernel), dtype=np.float32)
    inverse: Matrix = np.linalg.inv(bound).astype(np.float32)
    return inverse


def even_folds(labels: Labels, folds: int) -> Labels:
    """The fold of each text: text i of a class is in fold i modulo `folds`: each class loses its texts evenly."""
    fold = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        fold[members] = np.arange(len(members)) % folds
    return fold


def unseen_logits(
    kernel: Matrix, labels: Labels, classes: int, fold: Labels, *, penalty: float, step: Matrix | None = None
) -> Matrix:
    """For each text the logits of a model that has not seen its fold, shape (texts, classes).

    Args:
        kernel: as in `fit`.
        labels: as in `fit`.
        classes: as in `fit`.
        fold: of each text; a negative one is never held out, its logits are zero.
        penalty: as in `fit`.
        step: as in `fit`.
    """
    step = newton_step(kernel, penalty) if step is None else step
    logits = np.zeros((len(labels), classes), np.float32)
    for number in np.unique(fold[fold >= 0]):
        held, kept = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if not len(kept):
            continue
        coefficients = fit(
            kernel[np.ix_(kept, kept)], labels[kept], classes, penalty=penalty, step=_without(step, held, kept)
        )
        logits[held] = kernel[np.ix_(held, kept)] @ coefficients
    return logits


def _without(inverse: Matrix, held: Labels, kept: Labels) -> Matrix:
    """The inverse of a matrix without its rows and columns `held`, from the inverse of the whole (Schur complement)."""
    corner, side = inverse[np.ix_(held, held)], inverse[np.ix_(kept, held)]
    reduced: Matrix = inverse[np.ix_(kept, kept)] - side @ np.linalg.solve(corner, side.T)
    return reduced
