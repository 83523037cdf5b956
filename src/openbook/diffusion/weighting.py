"""How much the error at each level counts in training, by name, for a recipe to say without torch."""

from typing import Literal

Weighting = Literal["uniform", "min_snr"]
"""uniform: each prediction's own error (Ho et al. 2020, eq. 14). min_snr: min(snr, 5) times the error of the data that
it stands for (Hang et al. 2023, eq. 8), so that levels with little noise do not drown the others."""
