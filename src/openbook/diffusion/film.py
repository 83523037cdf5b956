"""The forward and the reverse process as pictures, level by level."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openbook.diffusion.denoiser_folder import Sampling
from openbook.diffusion.draw import levels_of, states_of
from openbook.diffusion.forward import noised
from openbook.diffusion.level import Array, Level
from openbook.diffusion.samplers.names import named
from openbook.diffusion.subject import Subject
from openbook.diffusion.world.truth import Verdict, judged


@dataclass(frozen=True, slots=True)
class Film:
    """levels: of the reverse process, from the most noise to none. The pictures are (levels, channels, height, width),
    scaled to unit spread, so that noise is as bright at every level. reverse: x; guesses: what the denoiser takes the
    data for there, the last the picture itself. forward: one picture made noisy, at the same levels from none to the
    most; None where there is no picture. verdict: of the last picture, where it can be judged.
    """

    levels: tuple[Level, ...]
    forward: Array | None
    reverse: Array
    guesses: Array
    calls: int
    verdict: Verdict | None


def film(subject: Subject, sampling: Sampling, seed: int) -> Film:
    """Raises DiffusionProblem for numbers that make no sense."""
    levels = levels_of(subject.schedule, sampling.steps)
    denoise = subject.told(sampling.guidance)
    states = list(states_of(denoise, levels, named(sampling.sampler), subject.shape, seed))
    reverse = np.stack([state.x[0] / state.level.spread for state in states])
    seen = [state.seen.data[0] for state in states if state.seen is not None]
    guesses = np.stack([*seen, states[-1].x[0]])
    forward = None
    if subject.data is not None:
        noise = np.random.default_rng([seed, 3]).standard_normal(subject.shape, np.float32)
        forward = np.stack([noised(subject.data, noise, level) / level.spread for level in reversed(levels)])
    verdict = judged(states[-1].x[0].clip(-1, 1), subject.caption) if subject.world else None
    return Film(levels, forward, reverse, guesses, states[-1].calls, verdict)


def columns_of(levels: Sequence[Level], most: int) -> list[int]:
    """The indices of at most so many levels, spread evenly, both ends among them."""
    return np.linspace(0, len(levels) - 1, min(most, len(levels))).round().astype(int).tolist()


def noise_share(level: Level) -> float:
    """Of the variance of x where the data's is 1: sigma² / (alpha² + sigma²)."""
    return level.sigma**2 / level.spread**2
