"""The perfect denoiser of a few pictures: that of a mixture with a narrow Gaussian at each of them.

The pictures span few directions of all that there are, and the mixture lies in these alone: E[x_0 | x_t] is found
there, exactly (``mixture.py``), and is the mean picture in every other direction.
"""

import numpy as np

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.level import Array, Level
from openbook.diffusion.mixture import Mixture
from openbook.diffusion.problems import DiffusionProblem

_SPREAD = 0.05
"""The deviation around a picture; pixels lie in [-1, 1]."""


def picture_denoiser(pictures: Array, spread: float = _SPREAD) -> Denoise:
    """pictures: (n, ...), each as likely. x: (batch, ...), of the same. Raises DiffusionProblem for fewer than two."""
    if len(pictures) < 2:
        raise DiffusionProblem(f"{len(pictures)} pictures make no mixture: give two or more")
    rows = pictures.reshape(len(pictures), -1).astype(np.float64)
    mean = rows.mean(axis=0)
    _, sizes, directions = np.linalg.svd(rows - mean, full_matrices=False)
    if not sizes[0]:
        raise DiffusionProblem("pictures that are all the same make no mixture: give two that differ")
    directions = directions[sizes > 1e-9 * sizes[0]]
    count, dim = len(rows), len(directions)
    around = np.broadcast_to(spread**2 * np.eye(dim), (count, dim, dim))
    mixture = Mixture(np.full(count, 1 / count), (rows - mean) @ directions.T, around)

    def denoise(x: Array, level: Level) -> Array:
        within = (x.reshape(len(x), -1) - level.alpha * mean) @ directions.T
        return (mean + mixture.denoise(within, level) @ directions).reshape(x.shape).astype(x.dtype)

    return denoise
