"""The learnt part: held to the optimality conditions, and honest about texts it has not seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.logistic import fit, out_of_fold_logits, softmax

SEEDS = st.integers(0, 10_000)


def problem(seed, texts=24, classes=3):
    """A kernel of random unit vectors, with random labels."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(texts, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors @ vectors.T).astype(np.float32), random.integers(0, classes, texts)


@given(SEEDS)
def test_probabilities_sum_to_one(seed):
    logits = np.random.default_rng(seed).normal(scale=100, size=(7, 4)).astype(np.float32)
    np.testing.assert_allclose(softmax(logits).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("penalty", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_gradient_at_the_solution_is_near_zero(seed, penalty):
    kernel, labels = problem(seed)
    coefficients = fit(kernel, labels, 3, penalty=penalty)
    gradient = softmax(kernel @ coefficients) - np.eye(3)[labels] + penalty * coefficients
    assert np.abs(gradient).max() < 3e-3


def test_a_tighter_tolerance_gives_a_smaller_gradient():
    kernel, labels = problem(0)
    coefficients = fit(kernel, labels, 3, penalty=1.0, tolerance=1e-5)
    gradient = softmax(kernel @ coefficients) - np.eye(3)[labels] + coefficients
    assert np.abs(gradient).max() < 1e-5


def test_separable_classes_are_learnt():
    labels = np.repeat(np.arange(3), 5)
    vectors = np.eye(3, dtype=np.float32)[labels]
    kernel = vectors @ vectors.T
    coefficients = fit(kernel, labels, 3, penalty=0.1)
    assert ((kernel @ coefficients).argmax(axis=1) == labels).all()


def test_a_text_like_no_other_has_zero_logits_out_of_fold():
    labels = np.arange(12) % 3
    logits = out_of_fold_logits(np.eye(12, dtype=np.float32), labels, 3, penalty=1.0, folds=4)
    assert not logits.any()


def test_out_of_fold_logits_do_not_depend_on_the_label_of_the_text_itself():
    kernel = np.eye(10, dtype=np.float32)
    kernel[:4, :4] = 1
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    logits = out_of_fold_logits(kernel, labels, 2, penalty=1.0, folds=2)
    assert (logits[:4].argmax(axis=1) == 0).all()


def test_the_only_text_of_a_class_speaks_for_another_class_out_of_fold():
    labels = np.array([0, 0, 0, 1])
    kernel = np.ones((4, 4), np.float32)
    logits = out_of_fold_logits(kernel, labels, 2, penalty=1.0, folds=3)
    assert logits[3].argmax() == 0


def test_more_folds_than_texts_leave_no_text_without_logits():
    kernel, labels = problem(1, texts=6)
    assert out_of_fold_logits(kernel, labels, 3, penalty=1.0, folds=20).shape == (6, 3)
