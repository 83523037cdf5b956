"""The forward process: data made noisy at once or step by step, and what lies between two levels where x_0 is known."""

import numpy as np

from openbook.diffusion.level import Array, Level
from openbook.diffusion.problems import DiffusionProblem


def noised(data: Array, noise: Array, level: Level) -> Array:
    """A draw of q(x_t | x_0): alpha · x_0 + sigma · noise. data and noise: of one shape, which is returned."""
    check_shapes(data, noise)
    return level.alpha * data + level.sigma * noise


def begun(noise: Array, level: Level) -> Array:
    """Where sampling begins: noise as wide as x_t is where the data has unit spread."""
    return level.spread * noise


def step_forward(x: Array, noise: Array, at: Level, to: Level) -> Array:
    """A draw of q(x_to | x_at), to the noisier level: a · x + √(sigma_to² - a² sigma_at²) · noise.

    a = alpha_to / alpha_at (Kingma et al. 2021, appendix A). Raises DiffusionProblem where the noise does not grow.
    """
    check_shapes(x, noise)
    share, variance = between(at, to)
    return share * x + variance**0.5 * noise


def posterior(data: Array, x: Array, at: Level, to: Level) -> tuple[Array, float]:
    """Mean and variance of q(x_to | x_at, x_0), to the less noisy level (Ho et al. 2020, eq. 6 and 7, for any path).

    With a = alpha_at / alpha_to and v = sigma_at² - a² sigma_to² of the step forward from ``to`` to ``at``:
    mean (a sigma_to² x + alpha_to v x_0) / sigma_at², variance sigma_to² v / sigma_at².
    """
    check_shapes(data, x)
    share, variance = between(to, at)
    of_x, of_data = share * to.sigma**2 / at.sigma**2, to.alpha * variance / at.sigma**2
    return of_x * x + of_data * data, to.sigma**2 * variance / at.sigma**2


def between(less: Level, more: Level) -> tuple[float, float]:
    """The share of x that the step from the less noisy level keeps, and the variance of the noise that it adds."""
    if more.ratio <= less.ratio:
        raise DiffusionProblem(f"from {less} to {more} the noise does not grow: exchange the levels")
    share = more.alpha / less.alpha
    return share, max(more.sigma**2 - share**2 * less.sigma**2, 0.0)


def check_shapes(one: Array, other: Array) -> None:
    """Raise DiffusionProblem unless both have the same shape."""
    if np.shape(one) != np.shape(other):
        raise DiffusionProblem(f"shapes {np.shape(one)} and {np.shape(other)} differ: give both the same")
