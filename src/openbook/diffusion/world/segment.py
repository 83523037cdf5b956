"""A picture taken apart: the paper, and connected regions that one colour covers.

A pixel of an anti-aliased picture is paper and one colour mixed, so it lies on the line from the paper to that colour.
The nearest line names the colour, and how far along it the pixel lies is the share of the pixel that the shape covers.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.world.render import RGB
from openbook.diffusion.world.scene import COLOURS, Colour

Values: TypeAlias = NDArray[np.float64]

_PALETTE = np.array([RGB[colour] for colour in COLOURS])
_PAPER_REACH = 0.1  # what differs from the paper by less, in every channel, may be paper
_COVERED = 0.5  # from this share on a pixel belongs to a shape
_CORE = 0.85  # and from this on it shows the shape's colour, not its edge
_MEETING = 5  # pixels that a colour has at least in a blob of several
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
    lengths = (lines**2).sum(1)[:, None, None]
    shares = away / lengths
    within = np.clip(shares, 0, 1)
    # |seen - paper - share line|², but for the part that is the same for every colour
    apart = within**2 * lengths - 2 * within * away
    share = np.take_along_axis(shares, apart.argmin(0)[None], 0)[0]
    colours = _colours(connected((share >= _COVERED).astype(np.int64)), apart, share)
    parts = connected(colours + 1)
    owners = _with_fringe(parts)
    found: list[Region] = []
    for part in range(1, int(parts.max()) + 1):
        colour = int(colours[parts == part][0])
        rows, columns = np.nonzero(owners == part)
        covered = shares[colour, rows, columns]
        best = covered >= _CORE * covered.max()
        found.append(Region(rows, columns, covered, seen[:, rows[best], columns[best]].mean(1), COLOURS[colour]))
    return tuple(found)


def _colours(blobs: NDArray[np.int64], apart: Values, share: Values) -> NDArray[np.int64]:
    """The colour's number of every pixel in a blob, -1 elsewhere.

    A blob has one colour, the nearest to all its pixels together, since at an edge noise can turn one colour into its
    neighbour; unless well covered pixels of several colours meet in it: shapes that touch.
    """
    found = np.full(blobs.shape, -1, dtype=np.int64)
    for blob in range(1, int(blobs.max()) + 1):
        inside = blobs == blob
        near = apart[:, inside]  # (colours, pixels)
        votes = np.bincount(near.argmin(0)[share[inside] >= _CORE], minlength=len(near))
        several = np.flatnonzero((votes >= _MEETING) & (votes >= 0.2 * votes.sum()))
        found[inside] = several[near[several].argmin(0)] if len(several) > 1 else near.sum(1).argmin()
    return found


def connected(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Components of equal labels, numbered from 1, through the four neighbours of a pixel; label 0 stays 0."""
    height, width = labels.shape
    flat: list[int] = labels.ravel().tolist()
    numbers = [0] * len(flat)
    count = 0
    for first, label in enumerate(flat):
        if label == 0 or numbers[first]:
            continue
        count += 1
        numbers[first] = count
        waiting = [first]
        while waiting:
            here = waiting.pop()
            column = here % width
            for there, inside in (
                (here - 1, column > 0),
                (here + 1, column < width - 1),
                (here - width, here >= width),
                (here + width, here < (height - 1) * width),
            ):
                if inside and flat[there] == label and not numbers[there]:
                    numbers[there] = count
                    waiting.append(there)
    return np.array(numbers, dtype=np.int64).reshape(height, width)


def _paper(seen: Values) -> Values:
    """(3, height, width): a plane a channel, fitted to what looks like paper, of which every picture is half or more."""
    _, height, width = seen.shape
    y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    terms = np.stack([np.ones(x.size), x.ravel(), y.ravel()], 1)
    flat = seen.reshape(3, -1)
    guess = np.repeat(np.median(flat, 1)[:, None], flat.shape[1], 1)
    for _ in range(2):
        like = (np.abs(flat - guess) < _PAPER_REACH).all(0)
        if like.sum() < terms.shape[1]:
            break
        guess = (terms @ np.linalg.lstsq(terms[like], flat[:, like].T)[0]).T
    return guess.reshape(seen.shape)


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
