"""One noise, drawn in few steps and in many, guided weakly and strongly: what either buys."""

from dataclasses import dataclass

import numpy as np

from openbook.diffusion.draw import levels_of, states_of
from openbook.diffusion.level import Array
from openbook.diffusion.samplers.names import named
from openbook.diffusion.subject import Subject
from openbook.diffusion.world.truth import Verdict, judged

STEPS = (1, 2, 4, 8, 16, 32)
GUIDANCES = (0.0, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Sweep:
    """pictures: (guidances, steps, channels, height, width). verdicts: a row for each guidance; None where nobody can
    judge."""

    guidances: tuple[float, ...]
    steps: tuple[int, ...]
    pictures: Array
    verdicts: tuple[tuple[Verdict | None, ...], ...]


def sweep(subject: Subject, sampler: str, seed: int) -> Sweep:
    """At every number of ``STEPS`` that the schedule has; guidances only where there is something to be guided by."""
    guidances = GUIDANCES if subject.guidable else (1.0,)
    steps = tuple(each for each in STEPS if each <= len(subject.schedule))
    rows = [[_drawn(subject, guidance, each, sampler, seed) for each in steps] for guidance in guidances]
    verdicts = tuple(
        tuple(judged(picture, subject.caption) if subject.world else None for picture in row) for row in rows
    )
    return Sweep(guidances, steps, np.array(rows), verdicts)


def _drawn(subject: Subject, guidance: float, steps: int, sampler: str, seed: int) -> Array:
    levels = levels_of(subject.schedule, steps)
    *_, last = states_of(subject.told(guidance), levels, named(sampler), subject.shape, seed)
    return last.x[0].clip(-1, 1)
