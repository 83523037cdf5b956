"""Colours named by how they look: the nearest in OKLab (Ottosson 2020), where distances are as people see them."""

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.world.render import RGB
from openbook.diffusion.world.scene import COLOURS, Colour

_FURTHEST = 0.12  # from a name's colour; the closest two names, yellow and orange, are 0.16 apart

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 3) lightness, green to red, blue to yellow, of (..., 3) sRGB in 0 to 1."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((np.maximum(rgb, 0.04045) + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T


_NAMED = oklab(np.array([RGB[colour] for colour in COLOURS]))


def nearest_colour(rgb: NDArray[np.float64]) -> Colour | None:
    """The name of this sRGB colour; None where it is far from all."""
    apart = np.linalg.norm(_NAMED - oklab(rgb), axis=1)
    return COLOURS[int(apart.argmin())] if apart.min() <= _FURTHEST else None
