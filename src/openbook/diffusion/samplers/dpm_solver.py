"""DPM-Solver++ 2M (Lu et al. 2022, algorithm 2): DDIM's step, with the data carried on from the last two guesses."""

from math import inf

import numpy as np

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.level import Array, Level
from openbook.diffusion.samplers.ddim import ddim
from openbook.diffusion.samplers.step import Sampler, Seen, State


def carried_on(data: Array, before: Seen, at: Level, to: Level) -> Array:
    """(1 + 1 / 2r) data - (1 / 2r) data before, r = h_before / h, h the steps in λ = log(alpha / sigma) (algorithm 2).

    The straight line through both guesses, read in the middle of the step to come. From noise alone λ is -inf and
    ``data`` stays as it is.
    """
    step, step_before = (to.log_snr - at.log_snr) / 2, (at.log_snr - before.level.log_snr) / 2
    share = step / step_before / 2 if step_before < inf else 0.0
    return (1 + share) * data - share * before.data


def second_order(x: Array, data: Array, before: Seen, at: Level, to: Level) -> Array:
    """(sigma_to / sigma_at) x - alpha_to (e^-h - 1) D, D the data carried on: ``ddim`` of D, written otherwise."""
    return ddim(x, carried_on(data, before, at, to), at, to)


def _step(denoise: Denoise, state: State, to: Level, _rng: np.random.Generator) -> State:
    """The first step has no guess before it, and the one to no noise an infinite h: both are of the first order."""
    at = state.level
    data = denoise(state.x, at)
    if state.seen is None or not to.sigma:
        x = ddim(state.x, data, at, to)
    else:
        x = second_order(state.x, data, state.seen, at, to)
    return State(x, to, Seen(data, at), state.calls + 1)


DPM_SOLVER = Sampler("dpm-solver++", _step)
