"""Predictions and what bends them: each kind tells the same data; guidance and thresholds by hand."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.diffusion.denoise import clipped, clipped_dynamically, guided
from openbook.diffusion.forward import noised
from openbook.diffusion.level import DATA, Array, Level
from openbook.diffusion.prediction import Prediction, of_data, target, to_data
from openbook.diffusion.problems import DiffusionProblem

KINDS: tuple[Prediction, ...] = get_args(Prediction)
LEVEL = Level(0.8, 0.6, 0.5)


def pair(seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng([seed, 1])
    return rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 3, 4))


@given(st.sampled_from(KINDS), st.floats(0.01, 2), st.floats(0.01, 90), st.integers(0, 99))
def test_every_kind_tells_the_data_and_comes_back(kind: Prediction, alpha: float, sigma: float, seed: int) -> None:
    data, noise = pair(seed)
    level = Level(alpha, sigma, 0.5)
    x = noised(data, noise, level)
    said = target(data, noise, level, kind)
    assert to_data(said, x, level, kind) == pytest.approx(data, abs=1e-9 * (1 + sigma / alpha))
    assert of_data(data, x, level, kind) == pytest.approx(said, abs=1e-9 * (1 + alpha / sigma))


def test_the_kinds_by_hand() -> None:
    data, noise = np.array([2.0]), np.array([-1.0])
    said = {kind: float(target(data, noise, LEVEL, kind)[0]) for kind in KINDS}
    assert said == pytest.approx({"noise": -1, "data": 2, "velocity": 0.8 * -1 - 0.6 * 2, "flow": -3})


@given(st.floats(0.002, 80), st.floats(-3, 3), st.floats(-3, 3))
def test_edms_network_is_minus_the_velocity(sigma: float, x: float, network: float) -> None:
    """D = c_skip x + c_out F with sigma_data 1 (Karras et al. 2022, table 1)."""
    level = Level(1.0, sigma, 0.5)
    denoised = x / (sigma**2 + 1) + sigma / (sigma**2 + 1) ** 0.5 * network
    assert to_data(np.array([-network]), np.array([x]), level, "velocity") == pytest.approx(denoised)


@pytest.mark.parametrize("kind", ["data", "velocity", "flow"])
def test_these_kinds_tell_the_data_from_noise_alone(kind: Prediction) -> None:
    data, noise = pair(0)
    level = Level(0.0, 1.0, 1.0)
    assert to_data(target(data, noise, level, kind), noise, level, kind) == pytest.approx(data)


def test_what_cannot_be_told_is_refused() -> None:
    data, noise = pair(0)
    with pytest.raises(DiffusionProblem, match="tells no data"):
        to_data(noise, noise, Level(0.0, 1.0, 1.0), "noise")
    with pytest.raises(DiffusionProblem, match="no flow to predict"):
        of_data(data, data, DATA, "flow")
    with pytest.raises(DiffusionProblem, match="there is no prediction 'score'"):
        target(data, noise, LEVEL, "score")  # pyright: ignore[reportArgumentType]
    with pytest.raises(DiffusionProblem, match="differ"):
        to_data(data[0], data, LEVEL, "data")


def test_guidance_goes_on_from_the_unconditional() -> None:
    conditional, unconditional = (lambda x, _: 0 * x + 3.0), (lambda x, _: 0 * x + 1.0)
    x = np.zeros((2, 3))
    found = [guided(conditional, unconditional, scale)(x, LEVEL).max() for scale in (0, 1, 2.5)]
    assert found == [1, 3, 6]


@given(st.floats(0, 9), st.integers(0, 99))
def test_guiding_the_data_is_guiding_the_noise(scale: float, seed: int) -> None:
    x, free = pair(seed)
    bound = np.tanh(x) + free
    data = guided(lambda *_: bound, lambda *_: free, scale)(x, LEVEL)
    noises = [of_data(each, x, LEVEL, "noise") for each in (bound, free)]
    noise = noises[1] + scale * (noises[0] - noises[1])
    assert to_data(noise, x, LEVEL, "noise") == pytest.approx(data, abs=1e-9)


def test_thresholds_by_hand() -> None:
    x = np.array([[0.5, -4.0, 2.0, -1.0], [0.1, 0.2, -0.3, 0.4]])
    assert clipped(lambda x, _: x)(x, LEVEL).tolist() == [[0.5, -1, 1, -1], [0.1, 0.2, -0.3, 0.4]]
    assert clipped_dynamically(lambda x, _: x, 1.0)(x, LEVEL) == pytest.approx(
        np.array([[0.125, -1, 0.5, -0.25], [0.1, 0.2, -0.3, 0.4]])  # the second has nothing beyond 1
    )
    pictures = np.full((2, 3, 4, 4), 2, np.float32)
    found = clipped_dynamically(lambda x, _: x)(pictures, LEVEL)
    assert (found.dtype, found.shape, found.max()) == (np.float32, pictures.shape, 1)


@pytest.mark.parametrize("scale", [float("nan"), float("inf")])
def test_a_guidance_that_is_no_number_is_refused(scale: float) -> None:
    with pytest.raises(DiffusionProblem, match="a guidance of"):
        guided(lambda x, _: x, lambda x, _: x, scale)


def test_bad_thresholds_are_refused() -> None:
    with pytest.raises(DiffusionProblem, match="take a positive number"):
        clipped(lambda x, _: x, 0)
    with pytest.raises(DiffusionProblem, match=r"a quantile of 1\.5"):
        clipped_dynamically(lambda x, _: x, 1.5)
