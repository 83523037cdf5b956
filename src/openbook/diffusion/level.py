"""How noisy an x is: x_t = alpha · x_0 + sigma · noise, the pair of numbers that every process of this room shares."""

from dataclasses import dataclass
from math import hypot, inf, isfinite, log
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.problems import DiffusionProblem

Array: TypeAlias = NDArray[np.floating[Any]]
"""FP32 or FP64, (batch, ...). What comes out has the precision of what went in."""

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Level:
    """x_t = alpha · x_0 + sigma · noise. time: in [0, 1], what a denoiser is told; 0 without noise.

    Python's floats, which leave FP32 arrays FP32. Raises DiffusionProblem for what is no level.
    """

    alpha: float
    sigma: float
    time: float

    def __post_init__(self) -> None:
        known = all(isfinite(value) and value >= 0 for value in (self.alpha, self.sigma, self.time))
        if not (known and self.alpha + self.sigma > 0):
            raise DiffusionProblem(f"{self} is no level: alpha and sigma are finite, 0 or more, and not both 0")

    @property
    def snr(self) -> float:
        """alpha² / sigma² (Kingma et al. 2021, section 3.1); infinite without noise."""
        return (self.alpha / self.sigma) ** 2 if self.sigma else inf

    @property
    def log_snr(self) -> float:
        """log snr, from -inf, noise alone, to inf, data alone."""
        return 2 * (log(self.alpha) - log(self.sigma)) if self.alpha and self.sigma else inf if self.alpha else -inf

    @property
    def ratio(self) -> float:
        """sigma / alpha: the noise beside data of unit spread, EDM's sigma; infinite for noise alone."""
        return self.sigma / self.alpha if self.alpha else inf

    @property
    def spread(self) -> float:
        """√(alpha² + sigma²), the standard deviation of x_t where the data's is 1."""
        return hypot(self.alpha, self.sigma)


DATA = Level(1.0, 0.0, 0.0)
"""Where every reverse process ends."""
