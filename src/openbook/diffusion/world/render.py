"""Scenes drawn: shapes with smooth edges on light paper, every colour and place a little different each time.

Edges are anti-aliased: a pixel takes as much of the shape's colour as the shape covers of it, over the paper. The share
is exact for squares and crosses; circles and triangles are supersampled, each pixel cut into fine rows.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from openbook.diffusion.world.layout import SIDE, Placed, laid_out
from openbook.diffusion.world.scene import Colour, Scene

Values: TypeAlias = NDArray[np.float64]
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
    tones: dict[Colour, Values] = {}
    for shape in shapes:
        if shape.colour not in tones:
            jitter = rng.uniform(-_COLOUR_JITTER, _COLOUR_JITTER, 3)
            tones[shape.colour] = np.clip(np.array(RGB[shape.colour]) + jitter, 0, 1)
        rows, columns = _window(shape.y, shape.extent), _window(shape.x, shape.extent)
        share = coverage(shape, rows, columns)
        under = canvas[:, rows, columns]
        canvas[:, rows, columns] = under + share * (tones[shape.colour][:, None, None] - under)
    return (canvas * 2 - 1).astype(np.float32)


def coverage(shape: Placed, rows: slice, columns: slice) -> Values:
    """The share of each of these pixels that the shape covers, (rows, columns)."""
    if shape.kind in ("circle", "triangle"):
        return _sampled(shape, rows, columns)
    arm = shape.extent * (ARM if shape.kind == "cross" else 1.0)
    long, tall = _covered(columns, shape.x, shape.extent), _covered(rows, shape.y, shape.extent)
    wide, high = _covered(columns, shape.x, arm), _covered(rows, shape.y, arm)
    return np.outer(tall, wide) + np.outer(high, long) - np.outer(high, wide)  # for a square all three are alike


def _covered(pixels: slice, middle: float, length: float) -> Values:
    """The share of each pixel along one axis that lies within a length around the middle."""
    start = np.arange(pixels.start, pixels.stop, dtype=np.float64)
    return np.clip(np.minimum(start + 1, middle + length / 2) - np.maximum(start, middle - length / 2), 0, 1)


def _sampled(shape: Placed, rows: slice, columns: slice) -> Values:
    """Of a circle or a triangle, cut into fine rows, in each of which it is a line."""
    fine = np.arange(rows.start * _FINE, rows.stop * _FINE, dtype=np.float64)
    y = ((fine + 0.5) / _FINE - shape.y) / shape.extent  # from -1/2 to 1/2 within the shape, downwards
    half = np.sqrt(np.maximum(0.25 - y * y, 0)) if shape.kind == "circle" else np.where(abs(y) <= 0.5, y + 0.5, 0) / 2
    reach = (shape.extent * half)[:, None]
    left = np.arange(columns.start, columns.stop, dtype=np.float64)
    across = np.minimum(left + 1, shape.x + reach) - np.maximum(left, shape.x - reach)
    return np.clip(across, 0, 1).reshape(-1, _FINE, len(left)).sum(1) / _FINE


def _window(middle: float, extent: float) -> slice:
    """The pixels that a shape can touch along one axis."""
    return slice(max(int(middle - extent / 2), 0), min(int(np.ceil(middle + extent / 2)), SIDE))


def _paper(rng: Generator) -> Values:
    """(3, 32, 32) in 0 to 1: nearly white, a little darker towards one side, a little warm or cold."""
    slope = rng.uniform(-_SHADE, _SHADE, 2)
    ramp = np.linspace(-0.5, 0.5, SIDE)
    tint = rng.uniform(-_TINT, _TINT, 3)
    shade = rng.uniform(*_PAPER) + slope[0] * ramp[:, None] + slope[1] * ramp[None, :]
    return np.clip(shade + tint[:, None, None], 0, 1)
