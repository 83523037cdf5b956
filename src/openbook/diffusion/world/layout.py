"""Where the shapes of a scene stand: at random, never touching, the relation beyond doubt.

A group stands in a row or a column with its free room dealt out at random, so that shapes are apart by construction;
two groups share the frame along the axis of their relation. Lengths are pixels of a frame of 32, from its upper left.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from openbook.diffusion.world.scene import Colour, Group, Kind, Relation, Scene

SIDE = 32
"""Pixels of a picture across and down."""

BORDER, GAP = 0.75, 2.0
"""Pixels that stay free along the edge of the frame, and at least between two shapes."""

SMALL, LARGE = (5.4, 6.4), (7.6, 12.0)
"""Extents that the size words mean; a group of which no size is told is of any extent from 5.4 to 12."""

_MOST = {1: 12.0, 2: 10.5, 3: 8.8}  # of one of so many, so that three fit into a column
_BEYOND = 3.0  # by so many pixels two groups lie further apart along their relation than across it


Row: TypeAlias = NDArray[np.float64]
Interval: TypeAlias = tuple[float, float]

_FRAME: Interval = (BORDER, SIDE - BORDER)


@dataclass(frozen=True, slots=True)
class Placed:
    """One shape: the middle of its bounding box, and the side of that box."""

    kind: Kind
    colour: Colour
    x: float
    y: float
    extent: float


def laid_out(scene: Scene, rng: Generator) -> tuple[Placed, ...]:
    """A place for every shape, the groups in the order that the scene tells them."""
    if scene.second is None or scene.relation is None:
        extents = _extents(scene.first, rng)
        return _placed(scene.first, extents, _centres(extents, _FRAME, _FRAME, rng.random() < 0.5, rng))
    while True:  # of any scene's draws more than one in four stands
        first, second = _extents(scene.first, rng), _extents(scene.second, rng)
        along = _along(first, second, scene.relation, rng)
        if along is None:
            continue
        centres = [
            _centres(extents, interval, _FRAME, in_line, rng)
            for extents, (interval, in_line) in zip((first, second), along, strict=True)
        ]
        away = centres[1].mean(0) - centres[0].mean(0)
        if abs(away[0]) < abs(away[1]) + _BEYOND:
            continue
        if scene.relation in ("above", "below"):
            centres = [found[:, ::-1] for found in centres]
        return _placed(scene.first, first, centres[0]) + _placed(scene.second, second, centres[1])


def _extents(group: Group, rng: Generator) -> Row:
    """Alike within a group to a tenth, as things of one kind are."""
    low, high = {None: (SMALL[0], LARGE[1]), "small": SMALL, "large": LARGE}[group.size]
    high = min(high, _MOST[group.count])
    return np.clip(rng.uniform(low, high) * rng.uniform(0.95, 1.05, group.count), low, high)


def _along(first: Row, second: Row, relation: Relation, rng: Generator) -> tuple[tuple[Interval, bool], ...] | None:
    """For each group its part of the frame along the relation, and whether it lines up that way. None: no room."""
    ahead = relation in ("left of", "above")
    groups = (first, second) if ahead else (second, first)
    in_line = [len(extents) > 1 and rng.random() < 0.3 for extents in groups]
    needed = [_length(extents) if lined else extents.max() for extents, lined in zip(groups, in_line, strict=True)]
    low, high = _FRAME[0] + needed[0], _FRAME[1] - GAP - needed[1]
    if low > high:
        return None
    cut = rng.uniform(low, high)
    found = ((_FRAME[0], cut), in_line[0]), ((cut + GAP, _FRAME[1]), in_line[1])
    return found if ahead else found[::-1]


def _centres(extents: Row, along: Interval, across: Interval, in_line: bool, rng: Generator) -> Row:
    """(shapes, 2): places along and across, where shapes follow one another along if in_line, else across."""
    lined, free = (along, across) if in_line else (across, along)
    slack = (lined[1] - lined[0] - _length(extents)) * np.diff(np.sort(rng.random(len(extents))), prepend=0.0)
    starts = lined[0] + np.cumsum(slack) + np.concatenate(([0.0], np.cumsum(extents[:-1] + GAP)))
    centres = np.stack([starts, rng.uniform(free[0], free[1] - extents)], 1) + extents[:, None] / 2
    return centres if in_line else centres[:, ::-1]


def _length(extents: Row) -> float:
    """Of shapes in a line, with the gaps between them."""
    return float(extents.sum() + GAP * (len(extents) - 1))


def _placed(group: Group, extents: Row, centres: Row) -> tuple[Placed, ...]:
    return tuple(
        Placed(group.kind, group.colour, float(x), float(y), float(extent))
        for (x, y), extent in zip(centres, extents, strict=True)
    )
