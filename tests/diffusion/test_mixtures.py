"""Mixtures against brute force: density, score and denoiser; the exact flow against what it must keep."""

from math import erf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.diffusion.distance import sliced_wasserstein
from openbook.diffusion.flow import exact_flow
from openbook.diffusion.karras import karras
from openbook.diffusion.level import DATA, Floats, Level
from openbook.diffusion.mixture import Mixture
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.straight import straight
from openbook.diffusion.variance_preserving import linear

LINE = Mixture(np.array([0.3, 0.7]), np.array([[-1.0], [0.8]]), np.array([[[0.02]], [[0.1]]]))
PLANE = Mixture(
    np.array([0.2, 0.5, 0.3]),
    np.array([[-1.0, 0.5], [0.8, 0.9], [0.2, -1.1]]),
    np.array([[[0.05, 0.0], [0.0, 0.05]], [[0.3, 0.2], [0.2, 0.2]], [[0.02, -0.01], [-0.01, 0.2]]]),
)
LEVELS = [
    Level(1.0, 0.3, 0.1),
    Level(0.8, 0.6, 0.5),
    Level(0.1, 0.99, 0.9),
    Level(1.0, 20.0, 0.9),
    Level(0.0, 1.0, 1.0),
]


def grid(each: int, reach: float) -> tuple[Floats, float]:
    """Points of the plane and the area that each stands for."""
    line = np.linspace(-reach, reach, each)
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2), float((line[1] - line[0]) ** 2)


@pytest.mark.parametrize("level", LEVELS[:3])
def test_the_density_is_the_noised_datas(level: Level) -> None:
    """Against the integral over x_0 of p(x_0) N(x; alpha x_0, sigma²), and of mass 1."""
    data, area = grid(401, 4)
    prior = np.exp(PLANE.log_density(data, DATA)) * area
    assert prior.sum() == pytest.approx(1, abs=1e-6)
    for x in (np.array([0.3, -0.2]), np.array([1.0, 0.7])):
        squares = ((x - level.alpha * data) ** 2).sum(axis=1) / level.sigma**2
        seen = np.exp(-0.5 * squares) / (2 * np.pi * level.sigma**2)
        assert PLANE.log_density(x[None], level)[0] == pytest.approx(np.log((prior * seen).sum()), abs=1e-6)
        weights = prior * seen / (prior * seen).sum()
        assert PLANE.denoise(x[None], level)[0] == pytest.approx(weights @ data, abs=1e-6)


@pytest.mark.parametrize("level", [*LEVELS, DATA])
def test_the_score_is_the_gradient_of_the_log_density(level: Level) -> None:
    x = np.random.default_rng([0, 2]).standard_normal((50, 2)) * level.spread
    slopes = [
        (PLANE.log_density(x + step, level) - PLANE.log_density(x - step, level)) / 2e-5 for step in np.eye(2) * 1e-5
    ]
    assert PLANE.score(x, level) == pytest.approx(np.stack(slopes, axis=1), abs=1e-4, rel=1e-5)


@given(st.floats(0.01, 1), st.floats(0.01, 80), st.integers(0, 99))
def test_tweedies_formula(alpha: float, sigma: float, seed: int) -> None:
    level = Level(alpha, sigma, 0.5)
    x = np.random.default_rng([seed, 3]).standard_normal((4, 2)) * level.spread
    by_score = (x + sigma**2 * PLANE.score(x, level)) / alpha
    assert PLANE.denoise(x, level) == pytest.approx(by_score, abs=1e-8 * (1 + sigma**2 / alpha))


def test_at_the_ends_the_denoiser_says_the_data_and_the_mean() -> None:
    x = np.array([[0.3, -0.2], [2.0, 1.0]])
    assert PLANE.denoise(x, DATA) == pytest.approx(x)
    assert PLANE.denoise(x, Level(0.0, 1.0, 1.0)) == pytest.approx(np.stack([PLANE.weights @ PLANE.means] * 2))
    far = PLANE.denoise(np.array([[1e6, -1e6]]), LEVELS[0])  # no share of a component is left, and still it is a number
    assert np.isfinite(far).all()
    assert PLANE.denoise(x.astype(np.float32), LEVELS[0]).dtype == np.float32


def test_draws_have_the_mixtures_moments() -> None:
    draws = PLANE.drawn(np.random.default_rng([0, 4]), 50_000)
    mean = PLANE.weights @ PLANE.means
    away = PLANE.means - mean
    spread = np.einsum("k,kij->ij", PLANE.weights, PLANE.covariances + away[:, :, None] * away[:, None, :])
    assert draws.mean(axis=0) == pytest.approx(mean, abs=5 * float(np.sqrt(spread.max() / 50_000)))
    assert np.cov(draws.T) == pytest.approx(spread, abs=0.03)


def cumulative(x: Floats, level: Level) -> Floats:
    """P(X_t <= x) of the mixture on the line."""
    deviations = np.sqrt(level.alpha**2 * LINE.covariances[:, 0, 0] + level.sigma**2)
    z = (x - level.alpha * LINE.means[:, 0]) / deviations / 2**0.5
    return 0.5 * (1 + np.vectorize(erf)(z)) @ LINE.weights


@pytest.mark.parametrize("level", [linear().levels[-1], karras().levels[-1], straight().levels[-1], LEVELS[1]])
def test_on_a_line_the_exact_flow_keeps_every_quantile(level: Level) -> None:
    """A flow without crossings that carries one distribution to another can only keep the order."""
    x = np.linspace(-2, 2, 9)[:, None] * level.spread
    end = exact_flow(LINE, x, level, DATA)
    assert cumulative(end, DATA) == pytest.approx(cumulative(x, level), abs=1e-8)


@settings(max_examples=10)
@given(st.integers(0, 99))
def test_the_exact_flow_can_be_undone(seed: int) -> None:
    x = np.random.default_rng([seed, 5]).standard_normal((5, 2))
    there = exact_flow(PLANE, x, LEVELS[1], LEVELS[0], 100)
    assert exact_flow(PLANE, there, LEVELS[0], LEVELS[1], 100) == pytest.approx(x, abs=1e-6)


def test_the_exact_flow_is_of_the_fourth_order() -> None:
    x = np.random.default_rng([1, 5]).standard_normal((20, 2))
    best = exact_flow(PLANE, x, LEVELS[2], DATA, 1500)
    errors = [float(np.abs(exact_flow(PLANE, x, LEVELS[2], DATA, steps) - best).max()) for steps in (100, 200)]
    assert errors[0] / errors[1] > 10


def test_the_distance_of_what_was_moved_is_known() -> None:
    """Moved by d, each projection moves by d · ray: √E(d · ray)² = |d| / √dim."""
    draws = PLANE.drawn(np.random.default_rng([0, 6]), 500)
    moved = draws + np.array([3.0, 4.0])
    rng = np.random.default_rng([0, 7])
    assert sliced_wasserstein(draws, moved, rng, 4000) == pytest.approx(5 / 2**0.5, rel=0.03)
    assert sliced_wasserstein(draws, draws[::-1], rng) == pytest.approx(0, abs=1e-12)


def test_bad_mixtures_are_refused() -> None:
    weights, means, covariances = PLANE.weights, PLANE.means, PLANE.covariances
    with pytest.raises(DiffusionProblem, match=r"means \(k, dim\)"):
        Mixture(weights[:2], means, covariances)
    with pytest.raises(DiffusionProblem, match="no shares"):
        Mixture(weights / 2, means, covariances)
    with pytest.raises(DiffusionProblem, match="positive definite"):
        Mixture(weights, means, covariances - np.eye(2))
    with pytest.raises(DiffusionProblem, match="symmetric"):
        Mixture(weights, means, covariances + np.array([[0, 0.1], [0, 0]]))
    with pytest.raises(DiffusionProblem, match="not of this mixture"):
        PLANE.denoise(np.ones((3, 5)), LEVELS[0])
    with pytest.raises(DiffusionProblem, match="as many of each"):
        sliced_wasserstein(means, means[:2], np.random.default_rng(0))
    with pytest.raises(DiffusionProblem, match="at least 1"):
        exact_flow(PLANE, means, LEVELS[0], DATA, 0)
