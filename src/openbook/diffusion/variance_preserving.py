"""Schedules that keep the variance: x_t = √ᾱ_t x_0 + √(1 - ᾱ_t) noise, ᾱ_t = Π (1 - β_s) (Ho et al. 2020, eq. 4)."""

from math import cos, pi

import numpy as np

from openbook.diffusion.level import Floats
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.schedule import Schedule, check_steps

_LARGEST_BETA = 0.999  # Nichol and Dhariwal 2021, section 3.2


def linear(steps: int = 1000, first: float = 1e-4, last: float = 0.02) -> Schedule:
    """β grows evenly from ``first`` to ``last`` (Ho et al. 2020, section 4)."""
    check_steps(steps)
    if not (0 < first < 1 and 0 < last < 1):
        raise DiffusionProblem(f"betas from {first} to {last} are no variances: both lie between 0 and 1")
    return of_betas("linear", np.linspace(first, last, steps))


def cosine(steps: int = 1000) -> Schedule:
    """ᾱ_t = f(t) / f(0), f(t) = cos²((t + s) / (1 + s) · π/2), s = 0.008 (Nichol and Dhariwal 2021, eq. 17)."""
    check_steps(steps)
    kept = [cos((t / steps + 0.008) / 1.008 * pi / 2) ** 2 for t in range(steps + 1)]
    betas = 1 - np.array(kept[1:]) / np.array(kept[:-1])
    return of_betas("cosine", np.minimum(betas, _LARGEST_BETA))


def of_betas(name: str, betas: Floats) -> Schedule:
    """The schedule of these variances, β_t of q(x_t | x_(t-1)). Time (t + 1) / steps, t from 0 as diffusers counts."""
    left = np.cumprod(1 - betas)
    times = np.arange(1, betas.size + 1) / betas.size
    return Schedule(name, "preserving", np.sqrt(left), np.sqrt(1 - left), times)
