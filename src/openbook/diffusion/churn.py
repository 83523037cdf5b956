"""EDM's stochastic sampler (Karras et al. 2022, algorithm 2) as a list of levels: before each step down, one up."""

from collections.abc import Sequence
from math import inf, sqrt

import numpy as np

from openbook.diffusion.level import Level
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.schedule import Schedule

_MOST = sqrt(2) - 1  # more new noise than there is already is never added


def churned(
    schedule: Schedule, levels: Sequence[Level], churn: float, low: float = 0.0, high: float = inf
) -> tuple[Level, ...]:
    """Before each step from a sigma / alpha within [low, high], the level of (1 + γ) times that ratio.

    γ = min(churn / n, √2 - 1), n the number of steps. ``sampled`` adds the noise that leads up to a noisier level,
    which is the paper's with S_noise 1. Beyond the schedule's most noise a level has no time of its own: keep ``high``
    below it where a network is asked. levels: as ``schedule.spaced`` gives them. Raises DiffusionProblem for a churn
    below 0.
    """
    if not 0 <= churn < inf:
        raise DiffusionProblem(f"a churn of {churn}: take 0, which adds no noise, or more")
    more = 1 + min(churn / max(1, len(levels) - 1), _MOST)
    found: list[Level] = []
    for level in levels:
        found.append(level)
        if churn and level.ratio > 0 and low <= level.ratio <= high:
            found += schedule.at(np.array([level.ratio * more]))
    return tuple(found)
