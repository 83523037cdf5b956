"""Euler's method along the path itself: what flow matching samples with (Lipman et al. 2022), and EDM's first order."""

import numpy as np

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.level import Array, Level
from openbook.diffusion.samplers.step import Sampler, Seen, State, noise_in


def euler(x: Array, data: Array, at: Level, to: Level) -> Array:
    """x + (alpha_to - alpha_at) · data + (sigma_to - sigma_at) · noise: dx = data · d alpha + noise · d sigma.

    On the straight path x + (t_to - t_at) · (noise - data); where alpha is 1, x + (sigma_to - sigma_at) · (x - data) /
    sigma_at (Karras et al. 2022, algorithm 1). On every path it is DDIM without chance, of which x cancels.
    """
    return x + (to.alpha - at.alpha) * data + (to.sigma - at.sigma) * noise_in(x, data, at)


def _step(denoise: Denoise, state: State, to: Level, _rng: np.random.Generator) -> State:
    data = denoise(state.x, state.level)
    return State(euler(state.x, data, state.level, to), to, Seen(data, state.level), state.calls + 1)


EULER = Sampler("euler", _step)
