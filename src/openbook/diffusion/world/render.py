"""Scenes drawn: shapes with smooth edges on light paper, every colour and place a little different each time.

Edges are anti-aliased by supersampling: a pixel is cut into fine rows, how much of each a shape covers is exact, and
their mean is the share of the shape's colour in the pixel, over the paper.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from openbook.diffusion.world.layout import SIDE, Placed, laid_out
from openbook.diffusion.world.scene import Colour, Kind, Scene

Picture: TypeAlias = NDArray[np.float32]
"""(3, 32, 32), red, green and blue in -1 to 1."""

RGB: dict[Colour, tuple[float, float, float]] = {
    "red": (0.85, 0.13, 0.15),
    "orange": (0.96, 0.52, 0.08),
    "yellow": (0.93, 0.80, 0.10),
    "green": (0.13, 0.60, 0.26),
    "blue": (0.13, 0.36, 0.85),
    "purple": (0.52, 0.20, 0.68),
}
"""sRGB in 0 to 1."""

ARM = 0.38
"""The arm of a cross, as a part of its extent."""

_FINE = 16  # rows that a pixel is cut into
_PAPER, _SHADE, _TINT = (0.88, 0.97), 0.03, 0.015
_COLOUR_JITTER = 0.03


def drawn(scene: Scene, rng: Generator) -> Picture:
    """One of the many pictures of which the scene is true."""
    return rendered(laid_out(scene, rng), rng)


def rendered(shapes: Sequence[Placed], rng: Generator) -> Picture:
    """The shapes on paper of its own shade, those of one colour in one tone of it."""
    canvas = _paper(rng)
    tones: dict[Colour, NDArray[np.float64]] = {}
    for shape in shapes:
        if shape.colour not in tones:
            jitter = rng.uniform(-_COLOUR_JITTER, _COLOUR_JITTER, 3)
            tones[shape.colour] = np.clip(np.array(RGB[shape.colour]) + jitter, 0, 1)
        rows, columns = _window(shape.y, shape.extent), _window(shape.x, shape.extent)
        share = coverage(shape, rows, columns)
        under = canvas[:, rows, columns]
        canvas[:, rows, columns] = under + share * (tones[shape.colour][:, None, None] - under)
    return (canvas * 2 - 1).astype(np.float32)


def coverage(shape: Placed, rows: slice, columns: slice) -> NDArray[np.float64]:
    """The share of each of these pixels that the shape covers, (rows, columns)."""
    y: NDArray[np.float64] = ((np.arange(rows.start * _FINE, rows.stop * _FINE) + 0.5) / _FINE - shape.y) / shape.extent
    half = (shape.extent * _half_width(shape.kind, y))[:, None]
    left: NDArray[np.int64] = np.arange(columns.start, columns.stop)
    across = np.minimum(left + 1, shape.x + half) - np.maximum(left, shape.x - half)
    return np.clip(across, 0, 1).reshape(-1, _FINE, len(left)).mean(1)


def _half_width(kind: Kind, y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of a shape whose box goes from -1/2 to 1/2, y downwards: how far it reaches to either side at each height."""
    if kind == "circle":
        return np.sqrt(np.maximum(0.25 - y * y, 0))
    half = {
        "square": np.full_like(y, 0.5),
        "triangle": (y + 0.5) / 2,
        "cross": np.where(np.abs(y) <= ARM / 2, 0.5, ARM / 2),
    }[kind]
    return np.where(np.abs(y) <= 0.5, half, 0)


def _window(middle: float, extent: float) -> slice:
    """The pixels that a shape can touch along one axis."""
    return slice(max(int(middle - extent / 2), 0), min(int(np.ceil(middle + extent / 2)), SIDE))


def _paper(rng: Generator) -> NDArray[np.float64]:
    """(3, 32, 32) in 0 to 1: nearly white, a little darker towards one side, a little warm or cold."""
    slope = rng.uniform(-_SHADE, _SHADE, 2)
    ramp = np.linspace(-0.5, 0.5, SIDE)
    tint = rng.uniform(-_TINT, _TINT, 3)
    shade = rng.uniform(*_PAPER) + slope[0] * ramp[:, None] + slope[1] * ramp[None, :]
    return np.clip(shade + tint[:, None, None], 0, 1)
