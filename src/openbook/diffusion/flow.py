"""The probability flow of a mixture, exact to rounding: where each noisy point came from (Song et al. 2021, SDEs)."""

from math import atan2, cos, sin

from openbook.diffusion.level import Array, Level
from openbook.diffusion.mixture import Mixture
from openbook.diffusion.problems import DiffusionProblem


def exact_flow(mixture: Mixture, x: Array, at: Level, to: Level, steps: int = 1000) -> Array:
    """x at one level carried along dx = data d alpha + noise d sigma to another, by Runge-Kutta's fourth order.

    In the angle φ = atan(sigma / alpha), with y = x / spread, that is dy / dφ = velocity (Salimans and Ho 2022, app.
    D), which is smooth from noise alone to none. x: (batch, dim) FP64. The error falls as steps⁻⁴.
    """
    if steps < 1:
        raise DiffusionProblem(f"{steps} steps of the exact flow: take at least 1")
    first, last = (atan2(level.sigma, level.alpha) for level in (at, to))
    step, y = (last - first) / steps, x / at.spread
    for done in range(steps):
        here = first + done * step
        one = _velocity(mixture, y, here)
        two = _velocity(mixture, y + step / 2 * one, here + step / 2)
        three = _velocity(mixture, y + step / 2 * two, here + step / 2)
        four = _velocity(mixture, y + step * three, here + step)
        y = y + step / 6 * (one + 2 * two + 2 * three + four)
    return y * to.spread


def _velocity(mixture: Mixture, y: Array, angle: float) -> Array:
    """cos φ · noise - sin φ · data, by the score in the half with more data, where nothing is divided by the noise."""
    level = Level(max(cos(angle), 0.0), max(sin(angle), 0.0), 0.0)
    if level.alpha > level.sigma:
        score = mixture.score(y, level)
        return -level.sigma / level.alpha * (y + score)  # noise = -sigma · score, data = (y + sigma² · score) / alpha
    return (level.alpha * y - mixture.denoise(y, level)) / level.sigma
