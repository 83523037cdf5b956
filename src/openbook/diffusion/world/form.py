"""The kind of a shape: each kind is drawn anew with its centroid and its area, and the one most like it is its kind.

It is drawn as soft as the region is: blur adds to the second moment of a shape, and to nothing else that is used here.
Where the noise in a picture is white, the nearest in squares is the likeliest; the difference is smoothed a little, so
that noise counts for less than form. Shapes stand upright in this world. A form that is none of its kinds may pass for
one where they are much alike, a hexagon for a circle, a diamond for a soft cross.
"""

from dataclasses import dataclass

import numpy as np

from openbook.diffusion.world.layout import Placed
from openbook.diffusion.world.render import ARM, Values, coverage
from openbook.diffusion.world.scene import KINDS, Kind
from openbook.diffusion.world.segment import Region

FILL: dict[Kind, float] = {"circle": np.pi / 4, "square": 1.0, "triangle": 0.5, "cross": 2 * ARM - ARM**2}
"""The area of each kind, where its bounding box is 1."""

_BELOW: dict[Kind, float] = {"circle": 0.0, "square": 0.0, "triangle": 1 / 6, "cross": 0.0}
"""How far the centroid lies below the middle of the box, in extents."""


_MOST_BLUR = 0.8  # variance in square pixels; more would make a blot of anything


@dataclass(frozen=True, slots=True)
class Form:
    """x, y: the centroid. extent: the side of the bounding box. unlike: area in one alone of the two, the region and
    its kind drawn anew, as a part of the region's."""

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
    extents: dict[Kind, float] = {kind: (area / FILL[kind]) ** 0.5 for kind in KINDS}
    rows, columns = slice(0, seen.shape[0]), slice(0, seen.shape[1])
    anew = np.stack(
        [
            coverage(Placed(kind, region.colour, x - left, y - top - _BELOW[kind] * extent, extent), rows, columns)
            for kind, extent in extents.items()
        ]
    )
    apart = _smooth(seen - _softened(anew, seen, x - left, y - top))
    nearest = int((apart**2).sum((1, 2)).argmin())
    kind = KINDS[nearest]
    return Form(kind, x, y, extents[kind], float(np.abs(apart[nearest]).sum()) / area)


def _softened(anew: Values, seen: Values, x: float, y: float) -> Values:
    """(kinds, rows, columns): each blurred by the Gaussian that gives it the second moment of ``seen`` about x, y."""
    down = np.arange(seen.shape[0], dtype=np.float64) + 0.5
    across = np.arange(seen.shape[1], dtype=np.float64) + 0.5
    away = (down[:, None] - y) ** 2 + (across - x) ** 2
    wider: Values = ((seen - anew) * away).sum((1, 2)) / seen.sum() / 2  # the variance counts once down and once across
    variance = np.clip(wider, 0, _MOST_BLUR)
    return _blur(down, variance) @ anew @ _blur(across, variance)


def _blur(places: Values, variance: Values) -> Values:
    """(kinds, pixels, pixels): the matrices that blur a row of pixels, beyond which is nothing."""
    weights = np.exp(-((places[:, None] - places) ** 2) / (2 * variance[:, None, None] + 1e-6))
    return weights / weights[:, len(places) // 2].sum(1)[:, None, None]


def _smooth(values: Values) -> Values:
    """Means of each pixel with its neighbours, weighing 1, 2, 1 down and across; beyond the edge is nothing."""
    padded = np.zeros((values.shape[0], values.shape[1] + 2, values.shape[2] + 2))
    padded[:, 1:-1, 1:-1] = values
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return (rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:]) / 16
