"""What every sampler takes and returns: a state, and one step of it to a less noisy level."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.level import Array, Level


@dataclass(frozen=True, slots=True)
class Seen:
    """What the denoiser took the data for, and the level at which it was asked."""

    data: Array
    level: Level


@dataclass(frozen=True, slots=True)
class State:
    """x at its level; seen: of the step that led there, None before the first; calls: of the denoiser, so far."""

    x: Array
    level: Level
    seen: Seen | None = None
    calls: int = 0


Step: TypeAlias = Callable[[Denoise, State, Level, np.random.Generator], State]
"""From a state to a level with less noise. All that it remembers is in the state, all chance in the generator."""


@dataclass(frozen=True, slots=True)
class Sampler:
    """A step by its name. calls: of the denoiser in a step; the one to no noise takes a single call in any case."""

    name: str
    step: Step
    calls: int = 1


def noise_like(x: Array, rng: np.random.Generator) -> Array:
    """Standard normal noise of the shape and precision of x."""
    return rng.standard_normal(x.shape).astype(x.dtype)


def noise_in(x: Array, data: Array, level: Level) -> Array:
    """The noise in x_t where the data is this: (x - alpha · data) / sigma."""
    return (x - level.alpha * data) / level.sigma
