"""Logistic regression finds the minimum of its loss, which is scikit-learn's, whether classes separate or not."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression as Peer

from openbook.train.bag_of_words import BadTrainingData, WordCounts, count_words
from openbook.train.lbfgs import minimise
from openbook.train.logistic_regression import fit_logistic_regression, penalised_loss


def examples(classes: int, texts: int = 120, words: int = 15, noise: float = 1.0) -> tuple[WordCounts, np.ndarray]:
    rng = np.random.default_rng(classes)
    likelihoods = rng.dirichlet(np.ones(words), size=classes) ** (1 / noise)
    labels = np.concatenate([np.arange(classes), rng.integers(classes, size=texts - classes)])
    names = [f"w{number}" for number in range(words)]
    drawn = [" ".join(rng.choice(names, size=8, p=likelihoods[label] / likelihoods[label].sum())) for label in labels]
    return count_words(drawn, {name: number for number, name in enumerate(names)}), labels


def dense(counts: WordCounts) -> np.ndarray:
    matrix = np.zeros(counts.shape)
    matrix[counts.texts, counts.words] = counts.counts
    return matrix


@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("l2", [1e-4, 1e-2, 1.0])
def test_it_equals_scikit_learn(classes: int, l2: float) -> None:
    counts, labels = examples(classes)
    ours = fit_logistic_regression(counts, labels, classes, l2, tolerance=1e-9, most_steps=5000)
    strength = (2 if classes == 2 else 1) / (labels.size * l2)
    theirs = Peer(C=strength, tol=1e-10, max_iter=20_000).fit(dense(counts), labels)
    np.testing.assert_allclose(
        np.exp(ours.log_posterior(counts)), theirs.predict_proba(dense(counts)), atol=2e-5, rtol=0
    )


def test_the_gradient_is_that_of_the_loss() -> None:
    counts, labels = examples(3)
    rng = np.random.default_rng(0)
    weights, bias = rng.normal(size=(15, 3)), rng.normal(size=3)
    _, of_weights, of_bias = penalised_loss(weights, bias, counts, labels, 0.1)
    step = 1e-6
    for _ in range(10):
        towards, aside = rng.normal(size=weights.shape), rng.normal(size=3)
        ahead, _, _ = penalised_loss(weights + step * towards, bias + step * aside, counts, labels, 0.1)
        behind, _, _ = penalised_loss(weights - step * towards, bias - step * aside, counts, labels, 0.1)
        slope = (of_weights * towards).sum() + (of_bias * aside).sum()
        assert (ahead - behind) / (2 * step) == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_separable_classes_stay_finite() -> None:
    counts = count_words(["sun"] * 5 + ["rain"] * 5, {"sun": 0, "rain": 1})
    fitted = fit_logistic_regression(counts, np.array([0] * 5 + [1] * 5), 2, 1e-3)
    assert np.isfinite(fitted.weights).all()
    assert (fitted.log_posterior(counts).argmax(axis=1) == [0] * 5 + [1] * 5).all()


def test_a_start_changes_the_way_but_not_the_end() -> None:
    counts, labels = examples(3)
    near = fit_logistic_regression(counts, labels, 3, 1e-1)
    cold = fit_logistic_regression(counts, labels, 3, 1e-2, tolerance=1e-9, most_steps=2000)
    warm = fit_logistic_regression(counts, labels, 3, 1e-2, start=near, tolerance=1e-9, most_steps=2000)
    np.testing.assert_allclose(warm.weights, cold.weights, atol=1e-5)


def test_a_known_valley_is_descended() -> None:
    scale = np.array([1.0, 100.0, 10_000.0])
    goal = np.array([3.0, -2.0, 0.5])
    found = minimise(
        lambda x: (float((scale * (x - goal) ** 2).sum()), 2 * scale * (x - goal)), np.zeros(3), tolerance=1e-8
    )
    np.testing.assert_allclose(found, goal, atol=1e-6)


def test_what_cannot_be_fitted_is_said() -> None:
    counts = count_words(["sun", "rain"], {"sun": 0, "rain": 1})
    with pytest.raises(BadTrainingData, match="class 2 has no example"):
        fit_logistic_regression(counts, np.array([0, 1]), 3, 0.1)
    with pytest.raises(BadTrainingData, match="l2"):
        fit_logistic_regression(counts, np.array([0, 1]), 2, 0.0)
