"""The law of over-optimisation: how the true reward grows, and falls again, with the distance d = √KL.

    best-of-n:               R(d) = d (α − β d)
    reinforcement learning:  R(d) = d (α − β log d)

(Gao, Schulman and Hilton 2023, eq. 1 and 2), R being what was gained over the supervised policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Law:
    """explained: the share of the variance of R that the law explains, R². points: that it was fitted to."""

    alpha: float
    beta: float
    explained: float
    points: int


def fitted(distances: Sequence[float], gains: Sequence[float], *, logarithmic: bool) -> Law | None:
    """By least squares, in α and β, over the points with d > 0. None for fewer than three such points."""
    d, gained = (np.array(values, dtype=np.float64) for values in (distances, gains))
    gone = d > 1e-6
    d, gained = d[gone], gained[gone]
    spread = float(((gained - gained.mean()) ** 2).sum()) if len(d) else 0.0
    if len(d) < 3 or spread == 0:
        return None
    design = np.stack([d, -d * (np.log(d) if logarithmic else d)], axis=1)
    (alpha, beta), *_ = np.linalg.lstsq(design, gained, rcond=None)
    left = float(((gained - design @ np.array([alpha, beta])) ** 2).sum())
    return Law(float(alpha), float(beta), 1 - left / spread, len(d))
