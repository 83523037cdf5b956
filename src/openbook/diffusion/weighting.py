"""How much the error at each level counts in training, by name, for a recipe to say without torch."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Weighting = Literal["uniform", "min_snr", "flow"]
"""uniform: each prediction's own error (Ho et al. 2020, eq. 14). min_snr: min(snr, 5) times the error of the data that
it stands for (Hang et al. 2023, eq. 8), so that levels with little noise do not drown the others. flow: the error of
the flow that it stands for, whatever is predicted (Li and He 2025, who predict data so)."""

Levels = Literal["uniform", "logit_normal", "noisier"]
"""Which levels training sees. uniform: each as often (Ho et al. 2020, algorithm 1). logit_normal: those in the middle
of the schedule more often, a normal draw through the logistic function (Esser et al. 2024, section 3.1). noisier: the
same of a normal draw with mean and deviation .8, where it is decided what stands where (Li and He 2025)."""

NORMALS: Mapping[Levels, tuple[float, float]] = MappingProxyType({"logit_normal": (0.0, 1.0), "noisier": (0.8, 0.8)})
"""Mean and deviation of the draws."""
