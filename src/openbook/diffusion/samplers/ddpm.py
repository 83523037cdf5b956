"""DDPM (Ho et al. 2020, algorithm 2): a draw of q(x_to | x_at, x_0) with what the denoiser takes x_0 for."""

import numpy as np

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.forward import posterior
from openbook.diffusion.level import Array, Level
from openbook.diffusion.samplers.step import Sampler, Seen, State, noise_like


def ancestral(x: Array, data: Array, noise: Array, at: Level, to: Level) -> Array:
    """μ(x, data) + √β̃ · noise (Ho et al. 2020, eq. 6 and 7, with the posterior's variance; section 3.2 names both)."""
    mean, variance = posterior(data, x, at, to)
    return mean + variance**0.5 * noise


def _step(denoise: Denoise, state: State, to: Level, rng: np.random.Generator) -> State:
    data = denoise(state.x, state.level)
    x = ancestral(state.x, data, noise_like(state.x, rng), state.level, to)
    return State(x, to, Seen(data, state.level), state.calls + 1)


DDPM = Sampler("ddpm", _step)
