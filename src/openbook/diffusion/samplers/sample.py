"""The reverse process run: a sampler from level to level, each state handed out as it comes."""

from collections.abc import Iterator, Sequence

import numpy as np

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.forward import step_forward
from openbook.diffusion.level import Array, Level
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.step import Sampler, State, noise_like


def sampled(
    denoise: Denoise, levels: Sequence[Level], x: Array, sampler: Sampler, rng: np.random.Generator
) -> Iterator[State]:
    """The states from the second level to the last, one a step. x: (batch, ...) at the first level.

    Where the next level is noisier, noise is added and nothing asked (``churned``). Raises DiffusionProblem for fewer
    than two levels, an x that is not of finite floats, and a denoiser that returns another shape or what is not finite.
    """
    if len(levels) < 2:
        raise DiffusionProblem(f"{len(levels)} levels make no step: take at least two, as Schedule.spaced does")
    if not np.issubdtype(x.dtype, np.floating) or not np.isfinite(x).all():
        raise DiffusionProblem("an x with what is not a finite float cannot be denoised: mend the noise it begins with")
    return _states(_checked(denoise), levels, x, sampler, rng)


def sample(denoise: Denoise, levels: Sequence[Level], x: Array, sampler: Sampler, rng: np.random.Generator) -> State:
    """The last state of ``sampled``."""
    *_, last = sampled(denoise, levels, x, sampler, rng)
    return last


def _states(
    denoise: Denoise, levels: Sequence[Level], x: Array, sampler: Sampler, rng: np.random.Generator
) -> Iterator[State]:
    state = State(x, levels[0])
    for to in levels[1:]:
        if to.ratio > state.level.ratio:  # what was seen before is not carried on over new noise
            state = State(step_forward(state.x, noise_like(state.x, rng), state.level, to), to, None, state.calls)
        else:
            state = sampler.step(denoise, state, to, rng)
        yield state


def _checked(denoise: Denoise) -> Denoise:
    def checked(x: Array, level: Level) -> Array:
        data = denoise(x, level)
        if data.shape != x.shape:
            raise DiffusionProblem(f"a denoiser made {data.shape} of {x.shape}: it must return the shape it is given")
        if not np.isfinite(data).all():
            raise DiffusionProblem(f"a denoiser made numbers that are not finite at sigma {level.sigma:g}: look at it")
        return data

    return checked
