"""Gaussian mixtures, noised: the one kind of data of which density, score and denoiser are known at every level.

Of x_0 ~ Σ wᵢ N(μᵢ, Cᵢ) the marginal is x_t ~ Σ wᵢ N(alpha μᵢ, alpha² Cᵢ + sigma² I). Everything below follows from it.
"""

from dataclasses import dataclass, field
from math import log, pi

import numpy as np

from openbook.diffusion.level import Array, Floats, Level
from openbook.diffusion.problems import DiffusionProblem


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """weights: (components,), sum 1; means: (components, dim); covariances: (components, dim, dim).

    Raises DiffusionProblem where shapes differ, weights are none, or a covariance is not positive definite.
    """

    weights: Floats
    means: Floats
    covariances: Floats
    _spreads: Floats = field(init=False, repr=False)
    _bases: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        count, dim = self.means.shape if self.means.ndim == 2 else (0, 0)
        if not (count and dim and self.weights.shape == (count,) and self.covariances.shape == (count, dim, dim)):
            raise DiffusionProblem("a mixture needs weights (k,), means (k, dim) and covariances (k, dim, dim)")
        if not ((self.weights > 0).all() and abs(self.weights.sum() - 1) < 1e-9):
            raise DiffusionProblem(f"weights {self.weights.tolist()} are no shares: positive numbers of sum 1")
        even = np.abs(self.covariances - np.swapaxes(self.covariances, 1, 2)).max() < 1e-9
        if not (np.isfinite(self.means).all() and even):
            raise DiffusionProblem("a mixture needs finite means and symmetric covariances")
        spreads, bases = np.linalg.eigh(self.covariances)  # along their own axes every covariance is a row of numbers
        if not (spreads > 0).all():
            raise DiffusionProblem("a mixture needs covariances that are positive definite: widen the narrowest")
        object.__setattr__(self, "_spreads", spreads)
        object.__setattr__(self, "_bases", bases)

    def drawn(self, rng: np.random.Generator, count: int) -> Floats:
        """(count, dim) of the data, independent."""
        which = rng.choice(self.weights.size, size=count, p=self.weights)
        roots = np.linalg.cholesky(self.covariances)[which]
        noise = rng.standard_normal((count, self.means.shape[1]))
        return self.means[which] + (roots @ noise[..., None])[..., 0]

    def log_density(self, x: Array, level: Level) -> Floats:
        """log p_t(x), natural logarithm; x: (batch, dim). Returns (batch,)."""
        joint = self._parts(x, level)[0]
        most = joint.max(axis=0)
        return most + np.log(np.exp(joint - most).sum(axis=0))

    def score(self, x: Array, level: Level) -> Floats:
        """∇ log p_t(x) = -Σᵢ p(i | x) (alpha² Cᵢ + sigma² I)⁻¹ (x - alpha μᵢ). Returns (batch, dim)."""
        joint, turned, variances = self._parts(x, level)
        pulls = (turned / variances) @ np.swapaxes(self._bases, 1, 2)
        return -(_shares(joint)[..., None] * pulls).sum(axis=0)

    def denoise(self, x: Array, level: Level) -> Array:
        """E[x_0 | x_t = x] = Σᵢ p(i | x) (μᵢ + alpha Cᵢ (alpha² Cᵢ + sigma² I)⁻¹ (x - alpha μᵢ)): the perfect denoiser.

        Equals (x + sigma² score) / alpha (Tweedie's formula; Efron 2011) without dividing by alpha. (batch, dim).
        """
        joint, turned, variances = self._parts(x, level)
        kept = level.alpha * self._spreads[:, None, :] / variances
        data = self.means[:, None, :] + (turned * kept) @ np.swapaxes(self._bases, 1, 2)
        return (_shares(joint)[..., None] * data).sum(axis=0).astype(x.dtype)

    def _parts(self, x: Array, level: Level) -> tuple[Floats, Floats, Floats]:
        """log wᵢ N(x; i) (k, batch); x - alpha μᵢ along the axes of Cᵢ (k, batch, dim); variances there (k, 1, dim)."""
        if x.ndim != 2 or x.shape[1] != self.means.shape[1]:
            raise DiffusionProblem(f"an x of shape {x.shape} is not of this mixture: (batch, {self.means.shape[1]})")
        variances = (level.alpha**2 * self._spreads + level.sigma**2)[:, None, :]
        turned = (x.astype(np.float64) - level.alpha * self.means[:, None, :]) @ self._bases
        squares = (turned**2 / variances).sum(axis=2) + np.log(variances).sum(axis=2)
        joint = np.log(self.weights)[:, None] - 0.5 * (squares + self.means.shape[1] * log(2 * pi))
        return joint, turned, variances


def _shares(joint: Floats) -> Floats:
    """p(i | x), (k, batch)."""
    raised = np.exp(joint - joint.max(axis=0))
    return raised / raised.sum(axis=0)
