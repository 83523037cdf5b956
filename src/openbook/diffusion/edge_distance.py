"""How far a compressed denoiser is from the same network in floats: in what it predicts, and in what it draws."""

from dataclasses import dataclass

import numpy as np

from openbook.diffusion.denoise import Denoise, clipped
from openbook.diffusion.draw import levels_of
from openbook.diffusion.forward import begun
from openbook.diffusion.level import Array, Level
from openbook.diffusion.onnx_denoiser import OnnxDenoiser
from openbook.diffusion.prediction import of_data
from openbook.diffusion.samplers.names import named
from openbook.diffusion.samplers.sample import sample

_PICTURES, _STEPS = 4, 20


@dataclass(frozen=True, slots=True)
class EdgeDistance:
    """prediction: the error's root mean square as a part of the prediction's own, over all levels; largest_prediction:
    at the worst of them. shades: of 255, a pixel's mean distance between pictures from equal noise; most_shades: the
    largest.
    """

    prediction: float
    largest_prediction: float
    shades: float
    most_shades: float
    levels: int
    pictures: int
    steps: int


def edge_distance(fp32: OnnxDenoiser, made: OnnxDenoiser, seed: int = 0) -> EdgeDistance:
    """Both asked without a condition, so without guidance, at the states that the one in floats goes through, and each
    left to draw alone.
    """
    folder = fp32.folder
    steps = min(_STEPS, folder.said.levels)
    levels = levels_of(folder.said.schedule(), steps)
    shape = (_PICTURES, *folder.said.shape)
    noise = np.random.default_rng([seed, 8]).standard_normal(shape, np.float32)
    errors: list[float] = []
    own, other = fp32.told(), made.told()

    def beside(x: Array, level: Level) -> Array:
        data = own(x, level)
        said, meant = (of_data(each, x, level, folder.said.prediction) for each in (other(x, level), data))
        errors.append(float(np.sqrt(((said - meant) ** 2).mean() / (meant**2).mean())))
        return data

    first = _drawn(beside, levels, noise)
    apart = np.abs(first - _drawn(other, levels, noise)) * 127.5
    together = float(np.sqrt(np.mean(np.square(errors))))
    return EdgeDistance(
        together, max(errors), float(apart.mean()), float(apart.max()), len(errors), _PICTURES, steps
    )  # fmt: skip


def _drawn(denoise: Denoise, levels: tuple[Level, ...], noise: Array) -> Array:
    rng = np.random.default_rng(0)
    return sample(clipped(denoise), levels, begun(noise, levels[0]), named("ddim"), rng).x.clip(-1, 1)
