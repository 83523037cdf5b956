"""A picture taken apart: the paper, and connected regions that one colour covers.

A pixel of an anti-aliased picture is paper and one colour mixed, so it lies on the line from the paper to that colour.
The nearest line names the colour, and how far along it the pixel lies is the share of the pixel that the shape covers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.world.render import RGB, Values
from openbook.diffusion.world.scene import COLOURS, Colour

_PALETTE = np.array([RGB[colour] for colour in COLOURS])
_PAPER_REACH = 0.1  # what differs from the paper by less, in every channel, may be paper
_DARKEST, _LEAST = 0.7, 0.1  # paper is lighter in every channel, and at least so much of a picture
_COVERED = 0.5  # from this share on a pixel belongs to a shape
_CORE = 0.85  # and from this on it shows the shape's colour, not its edge
_MEETING, _MEETING_SHARE = 5, 0.2  # pixels that a colour has at least in a blob of several, and of all there
_FRINGE = 2  # pixels around a shape that its edge may reach


@dataclass(frozen=True, slots=True)
class Region:
    """Pixels of one shape. rows, columns: where they are; share: how much of each it covers; core: the region's mean
    sRGB where it covers most; colour: whose line its pixels lie on."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    share: Values
    core: Values
    colour: Colour


def regions(picture: NDArray[np.floating]) -> tuple[Region, ...]:
    """The regions of a (3, height, width) picture in -1 to 1, in the order that reading meets them."""
    seen = np.clip((picture.astype(np.float64) + 1) / 2, 0, 1)
    paper = _paper(seen)
    lines = _PALETTE - paper.mean((1, 2))  # (colours, 3)
    away = np.tensordot(lines, seen - paper, 1)  # (colours, height, width)
    lengths = (lines**2).sum(1)[:, None, None]  # not 0, since paper is light
    shares = away / lengths
    within = np.clip(shares, 0, 1)
    # |seen - paper - share line|², but for the part that is the same for every colour
    apart = within**2 * lengths - 2 * within * away
    share = np.take_along_axis(shares, apart.argmin(0)[None], 0)[0]
    parts, colours = _parted(connected(share >= _COVERED), apart, share)
    owners = _with_fringe(parts)
    found: list[Region] = []
    for part, colour in enumerate(colours, start=1):
        rows, columns = np.nonzero(owners == part)
        covered = shares[colour, rows, columns]
        best = covered >= covered.max() - (1 - _CORE)
        covered = covered / max(1.0, float(np.median(covered[best])))  # a deeper tone covers no more than a pixel
        found.append(Region(rows, columns, covered, seen[:, rows[best], columns[best]].mean(1), COLOURS[colour]))
    return tuple(found)


def _parted(blobs: NDArray[np.int64], apart: Values, share: Values) -> tuple[NDArray[np.int64], list[int]]:
    """Parts of one colour each, numbered from 1, and their colours.

    A blob has one colour, the nearest to all its pixels together, since at an edge noise can turn one colour into its
    neighbour; unless well covered pixels of several colours meet in it: shapes that touch.
    """
    parts = np.zeros_like(blobs)
    colours: list[int] = []
    for blob in range(1, int(blobs.max()) + 1):
        inside = blobs == blob
        near = apart[:, inside]  # (colours, pixels)
        votes = np.bincount(near.argmin(0)[share[inside] >= _CORE], minlength=len(near))
        meeting = np.flatnonzero((votes >= _MEETING) & (votes >= _MEETING_SHARE * votes.sum()))
        if len(meeting) < 2:
            colours.append(int(near.sum(1).argmin()))
            parts[inside] = len(colours)
            continue
        nearest = np.full_like(blobs, -1)
        nearest[inside] = meeting[near[meeting].argmin(0)]
        for colour in meeting.tolist():
            pieces = connected(nearest == colour)
            parts += np.where(pieces > 0, pieces + len(colours), 0)
            colours += [colour] * int(pieces.max())
    return parts, colours


def connected(covered: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Components through the four neighbours of a pixel, numbered from 1 as reading meets them; 0 is not covered."""
    height, width = covered.shape
    around = np.zeros((height + 2, width + 2), dtype=bool)  # a frame, so that every pixel has four neighbours
    around[1:-1, 1:-1] = covered
    steps = (-1, 1, -width - 2, width + 2)
    left = dict.fromkeys(np.flatnonzero(around).tolist())
    numbers = np.zeros(around.size, dtype=np.int64)
    count = 0
    while left:
        count += 1
        waiting = [next(iter(left))]
        del left[waiting[0]]
        for here in waiting:  # which grows
            for step in steps:
                if here + step in left:
                    del left[here + step]
                    waiting.append(here + step)
        numbers[waiting] = count
    return numbers.reshape(around.shape)[1:-1, 1:-1]


def _paper(seen: Values) -> Values:
    """(3, height, width): a plane a channel, fitted to what looks like paper, which is half of a picture or more."""
    _, height, width = seen.shape
    y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    terms = np.stack([np.ones(x.size), x.ravel(), y.ravel()])
    flat = seen.reshape(3, -1)
    guess: Values = np.repeat(np.maximum(np.median(flat, 1), _DARKEST)[:, None], flat.shape[1], 1)
    for _ in range(2):
        like = terms * (np.abs(flat - guess) < _PAPER_REACH).all(0)
        if like[0].sum() < _LEAST * flat.shape[1]:
            break
        guess = np.linalg.solve(like @ terms.T, like @ flat.T).T @ terms  # so many pixels lie on no one line
    return np.maximum(guess, _DARKEST).reshape(seen.shape)


def _with_fringe(parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every part grown over the pixels around it, not over another."""
    grown = parts
    for _ in range(_FRINGE):
        padded = np.pad(grown, 1)
        around = [padded[1 + y : padded.shape[0] - 1 + y, 1 + x : padded.shape[1] - 1 + x] for y, x in _AROUND]
        for neighbour in around:
            grown = np.where(grown == 0, neighbour, grown)
    return grown


_AROUND = ((0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))
