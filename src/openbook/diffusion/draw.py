"""From a seed to a picture: where its noise comes from, which levels are visited, and every state on the way."""

from collections.abc import Iterator, Sequence

import numpy as np

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.forward import begun
from openbook.diffusion.level import Array, Level
from openbook.diffusion.samplers.sample import sampled
from openbook.diffusion.samplers.step import Sampler, State
from openbook.diffusion.schedule import Schedule

Shape = tuple[int, int, int]
"""channels, height, width"""


def levels_of(schedule: Schedule, steps: int) -> tuple[Level, ...]:
    """What a sampler visits in so many steps. Raises DiffusionProblem for fewer than 1, or more than there are."""
    return schedule.spaced(steps, "karras" if schedule.path == "exploding" else "trailing")


def states_of(denoise: Denoise, levels: Sequence[Level], sampler: Sampler, shape: Shape, seed: int) -> Iterator[State]:
    """The seed's noise, and the state after each step: one picture, which depends on nothing else. x: (1, *shape)."""
    noise = np.random.default_rng([seed, 1]).standard_normal((1, *shape), np.float32)
    x: Array = begun(noise, levels[0])
    yield State(x, levels[0])
    yield from sampled(denoise, levels, x, sampler, np.random.default_rng([seed, 2]))
