"""A denoiser as the samplers see it: what it takes the data for, given x_t and how noisy that is; and ways to bend it."""

from collections.abc import Callable
from typing import TypeAlias

from openbook.diffusion.level import Array, Level

Denoise: TypeAlias = Callable[[Array, Level], Array]
"""(batch, ...) at a level to what it thinks the data is, E[x_0 | x_t], of the same shape."""
