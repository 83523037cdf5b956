"""What a network may be trained to predict, and how one prediction becomes another: each is p · noise + q · data.

All say the same where there is data and noise in x, which is known; they differ in what a mean squared error weighs.
"""

from typing import Literal

from openbook.diffusion.forward import check_shapes
from openbook.diffusion.level import Array, Level
from openbook.diffusion.problems import DiffusionProblem

Prediction = Literal["noise", "data", "velocity", "flow"]
"""noise: Ho et al. 2020. velocity: Salimans and Ho 2022, for any path in coordinates where alpha² + sigma² = 1; EDM's
network with sigma_data 1 is its negative. flow: Lipman et al. 2022."""


def parts(level: Level, kind: Prediction) -> tuple[float, float]:
    """p and q of the prediction p · noise + q · data. Raises DiffusionProblem for a kind that there is not."""
    known = {
        "noise": (1.0, 0.0),
        "data": (0.0, 1.0),
        "velocity": (level.alpha / level.spread, -level.sigma / level.spread),
        "flow": (1.0, -1.0),
    }
    if kind not in known:
        raise DiffusionProblem(f"there is no prediction {kind!r}: name one of {', '.join(known)}")
    return known[kind]


def target(data: Array, noise: Array, level: Level, kind: Prediction) -> Array:
    """What a network of this kind should say of ``noised(data, noise, level)``. All of one shape."""
    check_shapes(data, noise)
    of_noise, of_data = parts(level, kind)
    return of_noise * noise + of_data * data


def to_data(prediction: Array, x: Array, level: Level, kind: Prediction) -> Array:
    """x_0 as this prediction has it: (p · x - sigma · prediction) / (p · alpha - q · sigma), which solves for it.

    Raises DiffusionProblem for noise where alpha is 0: of noise alone it tells nothing of the data.
    """
    check_shapes(prediction, x)
    of_noise, of_data = parts(level, kind)
    if kind == "data":
        return prediction
    divisor = of_noise * level.alpha - of_data * level.sigma
    if not divisor:
        raise DiffusionProblem("of noise alone a noise prediction tells no data: predict data, velocity or flow")
    return (of_noise * x - level.sigma * prediction) / divisor


def of_data(data: Array, x: Array, level: Level, kind: Prediction) -> Array:
    """The inverse of ``to_data``. Raises DiffusionProblem where sigma is 0: x then tells no noise."""
    check_shapes(data, x)
    if kind == "data":
        return data
    if not level.sigma:
        raise DiffusionProblem(f"without noise in x there is no {kind} to predict: take a level with a sigma above 0")
    return target(data, (x - level.alpha * data) / level.sigma, level, kind)
