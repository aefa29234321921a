"""The learnt part: held to the optimality conditions, and honest about texts it has not seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.logistic import even_folds, fit, softmax, unseen_logits

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
    assert np.abs(gradient).max() < 1e-3


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


def test_each_class_loses_its_texts_evenly():
    assert even_folds(np.array([0, 0, 1, 0, 1, 1]), 2).tolist() == [0, 1, 0, 0, 1, 0]


@pytest.mark.parametrize("seed", range(4))
def test_unseen_logits_are_those_of_a_model_fitted_without_the_fold(seed):
    kernel, labels = problem(seed)
    fold = even_folds(labels, 4)
    held, kept = np.flatnonzero(fold == 1), np.flatnonzero(fold != 1)
    expected = kernel[np.ix_(held, kept)] @ fit(kernel[np.ix_(kept, kept)], labels[kept], 3, penalty=1.0)
    np.testing.assert_allclose(unseen_logits(kernel, labels, 3, fold, penalty=1.0)[held], expected, atol=0.05)


def test_a_text_like_no_other_has_zero_logits_unseen():
    labels = np.arange(12) % 3
    logits = unseen_logits(np.eye(12, dtype=np.float32), labels, 3, even_folds(labels, 4), penalty=1.0)
    assert not logits.any()


def test_unseen_logits_do_not_depend_on_the_label_of_the_text_itself():
    kernel = np.eye(10, dtype=np.float32)
    kernel[:4, :4] = 1
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    logits = unseen_logits(kernel, labels, 2, even_folds(labels, 2), penalty=1.0)
    assert (logits[:4].argmax(axis=1) == 0).all()


def test_the_only_text_of_a_class_speaks_for_another_class_unseen():
    labels = np.array([0, 0, 0, 1])
    logits = unseen_logits(np.ones((4, 4), np.float32), labels, 2, even_folds(labels, 3), penalty=1.0)
    assert logits[3].argmax() == 0


def test_a_negative_fold_is_never_held_out():
    kernel, labels = problem(0)
    fold = np.where(labels == 0, -1, labels)
    assert not unseen_logits(kernel, labels, 3, fold, penalty=1.0)[labels == 0].any()
