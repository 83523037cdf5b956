"""The learning rate as a pure function of the step: what resuming needs no memory for."""

from math import cos, pi, sqrt
from typing import Literal

Decay = Literal["constant", "cosine", "wsd"]


def warm_up(step: int, warmup: int) -> float:
    """The share of the peak while warming up: (step + 1) / (warmup + 1), 1 from ``warmup`` on. Steps count from 0."""
    return min(1.0, (step + 1) / (warmup + 1))


def cosine(step: int, steps: int, warmup: int, floor: float) -> float:
    """Warm-up, then half a cosine from 1 down to ``floor`` at the last step (Loshchilov and Hutter 2017, eq. 5).

    floor: the last rate as a share of the peak. Returns a share of the peak.
    """
    if step < warmup:
        return warm_up(step, warmup)
    done = min(1.0, (step - warmup) / max(1, steps - 1 - warmup))
    return floor + (1 - floor) * (1 + cos(pi * done)) / 2


def wsd(step: int, steps: int, warmup: int, decay: int, floor: float) -> float:
    """Warm-up, stable, decay (Hu et al. 2024): constant at 1, then over the last ``decay`` steps down to ``floor``.

    The decay is 1 - √(share of it done), which Hägele et al. (2024) found best. Returns a share of the peak.
    """
    begins = steps - decay
    if step < max(begins, warmup):
        return warm_up(step, warmup)
    done = min(1.0, (step - begins + 1) / max(1, decay))
    return floor + (1 - floor) * (1 - sqrt(done))


def share_of_peak(kind: Decay, step: int, steps: int, *, warmup: int, decay: int, floor: float) -> float:
    """The schedule that a recipe names, as a share of the peak rate in [0, 1]."""
    if kind == "cosine":
        return cosine(step, steps, warmup, floor)
    if kind == "wsd":
        return wsd(step, steps, warmup, decay, floor)
    return warm_up(step, warmup)
