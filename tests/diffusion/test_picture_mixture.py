"""The perfect denoiser of a few pictures, beside Bayes' rule summed out in all dimensions."""

import numpy as np
import pytest

from openbook.diffusion.level import Level
from openbook.diffusion.picture_mixture import picture_denoiser
from openbook.diffusion.problems import DiffusionProblem


@pytest.mark.parametrize(
    "level", [Level(0.9, 0.4, 0.2), Level(0.3, 0.95, 0.8), Level(1.0, 2.0, 0.5), Level(0.0, 1.0, 1.0)]
)
def test_it_is_the_posterior_mean(level: Level) -> None:
    """With a deviation of nearly 0 the pictures are points, each as likely as the noise from it to x."""
    rng = np.random.default_rng(1)
    pictures = rng.uniform(-1, 1, (5, 3, 4, 4))
    x = level.alpha * pictures[[1, 3]] + level.sigma * rng.standard_normal((2, 3, 4, 4))
    squares = ((x[:, None] - level.alpha * pictures) ** 2).sum((2, 3, 4)) / (2 * level.sigma**2)
    shares = np.exp(squares.min(1, keepdims=True) - squares)
    shares /= shares.sum(1, keepdims=True)
    want = np.einsum("bk,kchw->bchw", shares, pictures)
    np.testing.assert_allclose(picture_denoiser(pictures, 1e-6)(x, level), want, atol=1e-8)


def test_the_deviation_lets_x_count_within_what_pictures_span() -> None:
    """Near a picture, along the line to another: the mean of N(picture, spread²) and N(x, sigma²)."""
    pictures = np.stack([np.zeros((1, 2, 2)), np.full((1, 2, 2), 10.0)])
    x = pictures[:1] + 0.1
    got = picture_denoiser(pictures, 0.2)(x, Level(1.0, 0.1, 0.1))
    np.testing.assert_allclose(got, 0.1 * 0.2**2 / (0.2**2 + 0.1**2), atol=1e-12)


def test_one_picture_is_no_mixture() -> None:
    with pytest.raises(DiffusionProblem, match="1 pictures make no mixture"):
        picture_denoiser(np.zeros((1, 3, 4, 4)))
    with pytest.raises(DiffusionProblem, match="all the same"):
        picture_denoiser(np.zeros((3, 3, 4, 4)))
