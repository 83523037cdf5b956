"""The Fréchet distance is that of the two Gaussians with the draws' means and covariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.diffusion.distance import frechet
from openbook.diffusion.problems import DiffusionProblem


def whitened(count: int, dim: int, seed: int) -> np.ndarray:
    """Draws whose mean is 0 and whose covariance is the unit matrix, to the rounding."""
    x = np.random.default_rng([seed, 41]).standard_normal((count, dim))
    x -= x.mean(0)
    return x @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False))).T


@given(st.integers(0, 1000), st.integers(2, 6))
def test_of_known_gaussians_it_is_the_closed_form(seed: int, dim: int) -> None:
    rng = np.random.default_rng([seed, 42])
    one, other = whitened(200, dim, seed), whitened(300, dim, seed + 1)
    scales, others = rng.uniform(0.1, 3, dim), rng.uniform(0.1, 3, dim)
    moved = rng.standard_normal(dim)
    turn, _ = np.linalg.qr(rng.standard_normal((dim, dim)))
    # of covariances that share their axes: |μ₁ - μ₂|² + Σ (s₁ - s₂)², and turning both changes nothing
    wanted = moved @ moved + np.square(scales - others).sum()
    assert frechet((one * scales) @ turn, (other * others + moved) @ turn) == pytest.approx(wanted, abs=1e-8)


@given(st.integers(0, 1000))
def test_it_is_symmetric_not_negative_and_nothing_of_a_set_from_itself(seed: int) -> None:
    rng = np.random.default_rng([seed, 43])
    one = rng.standard_normal((30, 4)) @ rng.standard_normal((4, 4))
    other = rng.standard_normal((40, 4)) @ rng.standard_normal((4, 4)) + 1
    assert frechet(one, one) == pytest.approx(0, abs=1e-7)
    assert frechet(one, other) == pytest.approx(frechet(other, one))
    assert frechet(one, other) > 0


def test_features_that_never_change_are_no_trouble() -> None:
    flat = np.ones((10, 3))
    assert frechet(flat, flat + 2) == pytest.approx(12)


@pytest.mark.parametrize(("one", "other"), [((1, 3), (5, 3)), ((5, 3), (5, 2)), ((5,), (5,))])
def test_what_cannot_be_compared_is_refused(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    with pytest.raises(DiffusionProblem, match="compare"):
        frechet(np.zeros(one), np.zeros(other))
