"""Heun's method (Karras et al. 2022, algorithm 1): Euler's step, the denoiser asked again there, the mean of both."""

import numpy as np

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.level import Array, Level
from openbook.diffusion.samplers.euler import euler
from openbook.diffusion.samplers.step import Sampler, Seen, State, noise_in


def heun(x: Array, data: Array, ahead: Array, data_ahead: Array, at: Level, to: Level) -> Array:
    """x + Δalpha · (mean of both data) + Δsigma · (mean of both noises): the trapezoid rule of ``euler``'s integral.

    ahead: where Euler's step led; data_ahead: what the denoiser takes for the data there. Where alpha is 1 that is
    EDM's step. On a path that scales the data, EDM's is this one ``in_data_units``, which is not the same.
    """
    noise = (noise_in(x, data, at) + noise_in(ahead, data_ahead, to)) / 2
    return x + (to.alpha - at.alpha) * (data + data_ahead) / 2 + (to.sigma - at.sigma) * noise


def _step(denoise: Denoise, state: State, to: Level, _rng: np.random.Generator) -> State:
    data = denoise(state.x, state.level)
    seen = Seen(data, state.level)
    ahead = euler(state.x, data, state.level, to)
    if not to.sigma:
        return State(ahead, to, seen, state.calls + 1)
    x = heun(state.x, data, ahead, denoise(ahead, to), state.level, to)
    return State(x, to, seen, state.calls + 2)


HEUN = Sampler("heun", _step, calls=2)
