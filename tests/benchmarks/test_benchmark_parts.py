"""What the benchmarks compute themselves: the logistic fit, fixed halves, and questions that do not leak."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.data import first_half
from benchmarks.logistic import fit_logistic


def loss(weights: np.ndarray, rows: np.ndarray, labels: np.ndarray, ridge: float) -> float:
    z = rows @ weights[:-1] + weights[-1]
    return float(np.sum(np.logaddexp(0, z) - labels * z) + 0.5 * ridge * len(rows) * np.sum(weights[:-1] ** 2))


def test_the_fit_is_the_minimum_of_its_loss() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 3))
    labels = (rng.random(400) < 1 / (1 + np.exp(-(rows @ [2.0, -1.0, 0.0] + 0.5)))).astype(float)
    fitted = fit_logistic(rows, labels)
    at = np.append(fitted.weights, fitted.bias)
    best = loss(at, rows, labels, 1e-3)
    for _ in range(200):
        assert loss(at + rng.normal(scale=0.05, size=4), rows, labels, 1e-3) > best
    assert fitted.weights == pytest.approx([2.0, -1.0, 0.0], abs=0.5)


def test_separable_data_stay_finite() -> None:
    rows = np.linspace(-1, 1, 40)[:, None]
    fitted = fit_logistic(rows, (rows[:, 0] > 0).astype(float))
    assert np.isfinite(fitted.weights).all()
    assert fitted(np.array([[1.0]]))[0] > 0.9


@given(st.text())
def test_a_key_is_always_in_the_same_half(key: str) -> None:
    assert first_half(key.encode("utf-8", "replace").decode()) == first_half(key.encode("utf-8", "replace").decode())


def test_the_halves_are_of_about_equal_size() -> None:
    assert 400 < sum(first_half(str(number)) for number in range(1000)) < 600
