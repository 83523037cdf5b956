"""A picture read back, from its pixels alone: the shapes that it shows, their kinds, colours, sizes and places."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.world.form import form_of
from openbook.diffusion.world.layout import LARGE, SIDE, SMALL
from openbook.diffusion.world.oklab import nearest_colour
from openbook.diffusion.world.scene import Colour, Kind, Size
from openbook.diffusion.world.segment import Region, regions

MIDDLE = (SMALL[1] + LARGE[0]) / 2
"""The extent from which on a shape is large."""

_SPECK = 4.0  # pixels of area: what is less is dirt, no shape; the least shape has 14
_LARGEST = 1.25 * LARGE[1]  # what is larger is ground, no shape
_UNLIKE = 0.22  # of its area: how far a shape may differ from its kind drawn anew, in its place and as soft


@dataclass(frozen=True, slots=True)
class Seen:
    """One shape. kind, colour: None where it is like none of them. x, y: its centroid; extent: the side of its box."""

    kind: Kind | None
    colour: Colour | None
    x: float
    y: float
    extent: float

    @property
    def size(self) -> Size:
        return "large" if self.extent >= MIDDLE else "small"


def seen_in(picture: NDArray[np.floating]) -> tuple[Seen, ...]:
    """Every shape in a picture of (3, 32, 32) in -1 to 1. What is too faint to cover half of any pixel is none.

    Raises DiffusionProblem for another shape and for numbers that are not finite.
    """
    if picture.shape != (3, SIDE, SIDE) or not np.isfinite(picture).all():
        raise DiffusionProblem(f"a picture of the world is (3, {SIDE}, {SIDE}) of finite numbers: draw it so")
    return tuple(_shape(region) for region in regions(picture) if region.share.sum() >= _SPECK)


def _shape(region: Region) -> Seen:
    form = form_of(region)
    kind = form.kind if form.unlike <= _UNLIKE and form.extent <= _LARGEST else None
    return Seen(kind, nearest_colour(region.core), form.x, form.y, form.extent)
