"""The kind of a shape: each kind is drawn anew with its centroid and its area, and the one most like it is its kind.

It is drawn as soft as the region is: blur adds to the second moment of a shape, and to nothing else that is used here.
Where the noise in a picture is white, the nearest in squares is the likeliest; the difference is smoothed a little, so
that noise counts for less than form.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.world.layout import Placed
from openbook.diffusion.world.render import ARM, coverage
from openbook.diffusion.world.scene import KINDS, Kind
from openbook.diffusion.world.segment import Region

FILL: dict[Kind, float] = {"circle": np.pi / 4, "square": 1.0, "triangle": 0.5, "cross": 2 * ARM - ARM**2}
"""The area of each kind, where its bounding box is 1."""

_BELOW: dict[Kind, float] = {"circle": 0.0, "square": 0.0, "triangle": 1 / 6, "cross": 0.0}
"""How far the centroid lies below the middle of the box, in extents."""


_MOST_BLUR = 1.5  # variance in square pixels; more would make a blot of anything


@dataclass(frozen=True, slots=True)
class Form:
    """x, y: the centroid. extent: the side of the bounding box. unlike: area in one of the two alone, the region and its
    kind drawn anew, as a part of the region's."""

    kind: Kind
    x: float
    y: float
    extent: float
    unlike: float


def form_of(region: Region) -> Form:
    """The kind that a region is most like, however little that may be."""
    area = float(region.share.sum())
    x = float(region.share @ (region.columns + 0.5)) / area
    y = float(region.share @ (region.rows + 0.5)) / area
    top, left = int(region.rows.min()) - 1, int(region.columns.min()) - 1
    seen = np.zeros((int(region.rows.max()) + 2 - top, int(region.columns.max()) + 2 - left))
    seen[region.rows - top, region.columns - left] = region.share
    height, width = np.arange(seen.shape[0]) + 0.5, np.arange(seen.shape[1]) + 0.5
    away = (height[:, None] - (y - top)) ** 2 + (width - (x - left)) ** 2  # squared, from the centroid
    found: list[tuple[float, Form]] = []
    for kind in KINDS:
        extent = (area / FILL[kind]) ** 0.5
        middle = y - _BELOW[kind] * extent
        drawn = Placed(kind, region.colour, x - left, middle - top, extent)
        anew = coverage(drawn, slice(0, len(height)), slice(0, len(width)))
        wider = float(((seen - anew) * away).sum()) / area / 2  # blur adds its variance, once across and once down
        down, across = (_blur(places, min(max(wider, 0.0), _MOST_BLUR)) for places in (height, width))
        apart = _smooth(seen - down @ anew @ across.T)
        found.append((float((apart**2).sum()), Form(kind, x, y, extent, float(np.abs(apart).sum()) / area)))
    return min(found, key=lambda each: each[0])[1]


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of each pixel with its neighbours, weighing 1, 2, 1 across and down; beyond the edge is nothing."""
    padded = np.zeros((values.shape[0] + 2, values.shape[1] + 2))
    padded[1:-1, 1:-1] = values
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16


def _blur(places: NDArray[np.float64], variance: float) -> NDArray[np.float64]:
    """The matrix that blurs a row of pixels by a Gaussian."""
    weights = np.exp(-((places[:, None] - places) ** 2) / (2 * variance + 1e-6))
    return weights / weights.sum(1, keepdims=True)
