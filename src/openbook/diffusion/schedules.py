"""The schedules by name, as a recipe has them."""

from typing import Literal

from openbook.diffusion.karras import karras
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.straight import straight
from openbook.diffusion.variance_preserving import cosine, linear

ScheduleName = Literal["linear", "cosine", "karras", "straight"]

_MADE = {"linear": linear, "cosine": cosine, "karras": karras, "straight": straight}


def schedule(name: ScheduleName, levels: int) -> Schedule:
    """The named one, of so many levels."""
    return _MADE[name](levels)
