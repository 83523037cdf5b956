"""How far apart two sets of draws are: the sliced Wasserstein distance."""

import numpy as np

from openbook.diffusion.level import Array
from openbook.diffusion.problems import DiffusionProblem


def sliced_wasserstein(one: Array, other: Array, rng: np.random.Generator, directions: int = 128) -> float:
    """√ of the mean squared 2-Wasserstein distance of both sets' projections (Bonneel et al. 2015).

    one, other: (count, dim) of as many draws each; on a line the distance is that of the sorted draws. In the units of
    the data. Of two sets of draws of one distribution it is not 0, but falls as they grow.
    """
    if one.shape != other.shape or one.ndim != 2 or not one.size:
        raise DiffusionProblem(f"draws of shapes {one.shape} and {other.shape}: compare as many of each, (count, dim)")
    rays = rng.standard_normal((directions, one.shape[1]))
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    squares = [np.square(np.sort(one @ ray) - np.sort(other @ ray)).mean() for ray in rays]
    return float(np.sqrt(np.mean(squares)))
