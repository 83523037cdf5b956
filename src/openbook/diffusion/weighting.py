"""How much the error at each level counts in training, by name, for a recipe to say without torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Weighting = Literal["uniform", "min_snr", "flow"]
"""uniform: each prediction's own error (Ho et al. 2020, eq. 14). min_snr: min(snr, 5) times the error of the data that
it stands for (Hang et al. 2023, eq. 8), so that levels with little noise do not drown the others. flow: the error of
the flow that it stands for, whatever is predicted (Li and He 2025, who predict data so)."""

Levels = Literal["uniform", "logit_normal", "noisier"]
"""Which levels training sees. uniform: each as often (Ho et al. 2020, algorithm 1). logit_normal: those in the middle
of the schedule more often, a normal draw through the logistic function (Esser et al. 2024, section 3.1). noisier: four
in five by a normal draw of mean and deviation .8, where it is decided what stands where (Li and He 2025); the others
each as often, as these draws alone leave out all that is nearly clean, and a picture's edges with it."""


@dataclass(frozen=True, slots=True)
class LogitNormal:
    """Of the normal draws. even: the share of levels that are drawn each as often instead."""

    mean: float
    deviation: float
    even: float


LOGIT_NORMALS: Mapping[Levels, LogitNormal] = MappingProxyType(
    {"logit_normal": LogitNormal(0.0, 1.0, 0.0), "noisier": LogitNormal(0.8, 0.8, 0.2)}
)
