"""DDIM (Song et al. 2021): to the next level along the noise found in x, with as much fresh noise as ``eta`` says."""

import numpy as np

from openbook.diffusion.denoise import Denoise
from openbook.diffusion.forward import between
from openbook.diffusion.level import Array, Level
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.step import Sampler, Seen, State, noise_in, noise_like


def ddim(x: Array, data: Array, at: Level, to: Level) -> Array:
    """alpha_to · data + sigma_to · (the noise in x) (Song et al. 2021, eq. 12 with σ = 0): no chance in it."""
    return to.alpha * data + to.sigma * noise_in(x, data, at)


def ddim_with_noise(x: Array, data: Array, noise: Array, at: Level, to: Level, eta: float) -> Array:
    """alpha_to · data + √(sigma_to² - s²) · (the noise in x) + s · noise (Song et al. 2021, eq. 12).

    s = eta · sigma_to / sigma_at · √(sigma_at² - (alpha_at / alpha_to)² sigma_to²) (eq. 16, for any schedule): with eta
    1 that is the posterior's deviation, and the step is DDPM's.
    """
    fresh = eta * to.sigma / at.sigma * between(to, at)[1] ** 0.5
    kept = max(to.sigma**2 - fresh**2, 0.0) ** 0.5
    return to.alpha * data + kept * noise_in(x, data, at) + fresh * noise


def with_eta(eta: float = 0.0) -> Sampler:
    """eta: from 0, no chance, to 1, DDPM. Raises DiffusionProblem outside of that."""
    if not 0 <= eta <= 1:
        raise DiffusionProblem(f"an eta of {eta}: take 0, which adds no noise, to 1, which is DDPM")

    def step(denoise: Denoise, state: State, to: Level, rng: np.random.Generator) -> State:
        data = denoise(state.x, state.level)
        if eta:
            x = ddim_with_noise(state.x, data, noise_like(state.x, rng), state.level, to, eta)
        else:
            x = ddim(state.x, data, state.level, to)
        return State(x, to, Seen(data, state.level), state.calls + 1)

    return Sampler(f"ddim, eta {eta:g}" if eta else "ddim", step)
