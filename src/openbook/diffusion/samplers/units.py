"""The same process in x / alpha, where the data is never scaled: the coordinates that EDM and k-diffusion step in."""

from collections.abc import Sequence

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.level import Array, Level
from openbook.diffusion.problems import DiffusionProblem


def in_data_units(denoise: Denoise, levels: Sequence[Level]) -> tuple[Denoise, tuple[Level, ...]]:
    """A denoiser of x / alpha, and the levels with alpha 1 and sigma / alpha (Karras et al. 2022, eq. 4 with s = 1).

    The x to begin with is divided by the first level's alpha; at the end nothing changes. Steps of the first order do
    not care, ``heun`` does. Raises DiffusionProblem for a level of noise alone, and a denoiser asked at another level.
    """
    if any(not level.alpha for level in levels):
        raise DiffusionProblem("noise alone has no units of the data: begin at a level with an alpha above 0")
    scaled = tuple(Level(1.0, level.ratio, level.time) for level in levels)
    own = dict(zip(scaled, levels, strict=True))

    def denoised(x: Array, level: Level) -> Array:
        if level not in own:
            raise DiffusionProblem(f"{level} is not one of the {len(own)} levels that were rescaled: sample over these")
        return denoise(own[level].alpha * x, own[level])

    return denoised, scaled
