"""What is run here and in diffusers from the same noise: schedule, spacing, sampler, and a nonlinear denoiser."""

from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np

from openbook.diffusion.denoise import Denoise, clipped, clipped_dynamically
from openbook.diffusion.karras import karras
from openbook.diffusion.level import Array, Floats, Level
from openbook.diffusion.prediction import Prediction
from openbook.diffusion.samplers.names import named
from openbook.diffusion.samplers.sample import sampled
from openbook.diffusion.samplers.units import in_data_units
from openbook.diffusion.schedule import Schedule, Spacing
from openbook.diffusion.straight import straight
from openbook.diffusion.variance_preserving import cosine, linear

SCHEDULES = {"linear": linear, "cosine": cosine, "karras": karras, "straight": straight}
Clip = Literal["", "static", "dynamic"]


@dataclass(frozen=True, slots=True)
class Case:
    """scheduler, settings: diffusers' class and what it is given besides the schedule and the spacing.

    prediction: what the denoiser's data is told to diffusers as. one_more: the indices are those of one step more, the
    least noisy left out, as its DPM-Solver spaces. data_units: in x / alpha, as its Euler and Heun step.
    """

    sampler: str
    scheduler: str
    schedule: str = "linear"
    spacing: Spacing = "trailing"
    steps: int = 10
    eta: float = 0.0
    prediction: Prediction = "noise"
    clip: Clip = ""
    one_more: bool = False
    data_units: bool = False
    settings: dict[str, Any] = field(default_factory=dict[str, Any])


def levels(case: Case) -> tuple[Level, ...]:
    schedule: Schedule = SCHEDULES[case.schedule]()
    if case.one_more:
        longer = schedule.spaced(case.steps + 1, case.spacing)
        return (*longer[:-2], longer[-1])
    return schedule.spaced(case.steps, case.spacing)


def denoise(x: Array, level: Level) -> Array:
    """Of x where its spread is about 1, the less the noisier, as a real one. Beyond 1, so that some is cut."""
    x = x / level.spread
    return 1.6 * np.tanh((0.7 * x + 0.2 * np.sin(2 * np.roll(x, 1, axis=-1))) / (1 + level.ratio))


def bent(clip: Clip) -> Denoise:
    if clip == "static":
        return clipped(denoise)
    return clipped_dynamically(denoise, 0.9) if clip == "dynamic" else denoise


class Given:
    """A generator of the noise that is given, in its order."""

    def __init__(self, noises: Floats) -> None:
        self._left = iter(noises)

    def standard_normal(self, shape: tuple[int, ...]) -> Floats:
        noise = next(self._left)
        assert noise.shape == shape
        return noise


def here(case: Case, x: Floats, noises: Floats) -> list[Array]:
    """Every state, divided by its level's spread. x: as wide as the data is, 1; noises: (steps, *x.shape)."""
    ask, visited = bent(case.clip), levels(case)
    if case.data_units:
        ask, visited = in_data_units(ask, visited)
    rng = cast("np.random.Generator", Given(noises))
    states = sampled(ask, visited, visited[0].spread * x, named(case.sampler, case.eta), rng)
    return [state.x / state.level.spread for state in states]
