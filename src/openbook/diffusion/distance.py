"""How far apart two sets of draws are: the sliced Wasserstein distance, and the Fréchet distance of two Gaussians."""

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


def frechet(one: Array, other: Array) -> float:
    """|μ₁ - μ₂|² + tr(S₁ + S₂ - 2 (S₁ S₂)^½): two normal distributions with the means and covariances of these draws
    (Heusel et al. 2017, eq. 6, who take an ImageNet classifier's features of pictures).

    one, other: (count, dim), of at least 2 draws each, in the units of the data, which the result is squared in.
    """
    if one.ndim != 2 or other.ndim != 2 or one.shape[1] != other.shape[1] or min(len(one), len(other)) < 2:
        raise DiffusionProblem(f"draws of shapes {one.shape} and {other.shape}: compare (count, dim) of one dim")
    means = one.mean(0) - other.mean(0)
    first, second = (np.atleast_2d(np.cov(each, rowvar=False)) for each in (one, other))
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    crossed = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum()  # S₁ S₂ has the same eigenvalues
    return float(means @ means + np.trace(first) + np.trace(second) - 2 * crossed)
