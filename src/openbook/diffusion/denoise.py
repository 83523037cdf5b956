"""A denoiser as the samplers see it: what it takes the data for, given x_t and its level; and what bends it."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from openbook.diffusion.level import Array, Level
from openbook.diffusion.problems import DiffusionProblem

Denoise: TypeAlias = Callable[[Array, Level], Array]
"""(batch, ...) at a level to what it thinks the data is, E[x_0 | x_t], of the same shape."""


MOST_GUIDANCE = 1000.0
"""Far beyond any use, and far from where FP32 overflows."""


def check_guidance(scale: float) -> None:
    """Raises DiffusionProblem for a scale that is no number, or beyond ``MOST_GUIDANCE`` either way."""
    if not -MOST_GUIDANCE <= scale <= MOST_GUIDANCE:
        raise DiffusionProblem(
            f"a guidance of {scale:g}: take {-MOST_GUIDANCE:,.0f} to {MOST_GUIDANCE:,.0f}, 1 for the condition as "
            "it was learnt"
        )


def guided(conditional: Denoise, unconditional: Denoise, scale: float) -> Denoise:
    """unconditional + scale · (conditional - unconditional): classifier-free guidance (Ho and Salimans 2022, eq. 6).

    scale: 0 is unconditional, 1 conditional, more than 1 exaggerates what the condition changes; the paper's w is
    scale - 1. Data or noise, the mixture is the same: x = alpha · data + sigma · noise holds of both and of their mix.
    Raises DiffusionProblem as ``check_guidance`` does.
    """
    check_guidance(scale)

    def denoise(x: Array, level: Level) -> Array:
        free = unconditional(x, level)
        return free + scale * (conditional(x, level) - free)

    return denoise


def clipped(denoise: Denoise, most: float = 1.0) -> Denoise:
    """Data kept within [-most, most], where pictures are (Saharia et al. 2022, static thresholding)."""
    if not 0 < most < np.inf:
        raise DiffusionProblem(f"data within {most} of 0: take a positive number, 1 for pictures in [-1, 1]")
    return lambda x, level: np.clip(denoise(x, level), -most, most)


def clipped_dynamically(denoise: Denoise, share: float = 0.995) -> Denoise:
    """Each example's data cut at s and divided by s, the ``share`` quantile of its absolute values, 1 at least.

    Dynamic thresholding (Saharia et al. 2022): strong guidance pushes pixels out of [-1, 1], and cutting them all at 1
    makes flat colours.
    """
    if not 0 < share <= 1:
        raise DiffusionProblem(f"a quantile of {share}: take more than 0, at most 1")

    def bounded(x: Array, level: Level) -> Array:
        data = denoise(x, level)
        sizes = np.abs(data).reshape(len(data), -1)
        most = np.maximum(np.quantile(sizes, share, axis=1), 1).astype(data.dtype)
        most = most.reshape(-1, *[1] * (data.ndim - 1))
        return np.clip(data, -most, most) / most

    return bounded
