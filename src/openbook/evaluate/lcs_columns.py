"""Longest common subsequences of many pairs at once: the recurrence of ``lcs``, a column of 64-bit rows a step."""

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate import lcs
from openbook.evaluate.ngrams import Ints

BITS = 64
LONGEST = 512
"""Tokens of the longer text of a pair that goes with the others: one book must not make all rows as wide."""


def lengths(ids: Ints, sizes: Ints) -> Ints:
    """Of each text of the first half with its like in the second; ids, sizes: as ``ngrams.ids_of`` gives them."""
    half = len(sizes) // 2
    begins = np.cumsum(sizes) - sizes
    pairs = np.arange(half)
    longer = sizes[:half] >= sizes[half:]
    shorts, longs = pairs + np.where(longer, half, 0), pairs + np.where(longer, 0, half)
    fits = (sizes[shorts] <= BITS) & (sizes[longs] <= LONGEST)
    found = np.zeros(half, np.int64)
    order = pairs[fits][np.argsort(-sizes[longs[fits]], kind="stable")]  # those that go on longest come first
    found[order] = _by_columns(
        _padded(ids, begins[shorts[order]], sizes[shorts[order]], -1),
        _padded(ids, begins[longs[order]], sizes[longs[order]], -2),
        sizes[shorts[order]],
        sizes[longs[order]],
    )
    for pair in pairs[~fits].tolist():
        left, right = (ids[begins[n] : begins[n] + sizes[n]].tolist() for n in (pair, pair + half))
        found[pair] = lcs.length(left, right)
    return found


def _by_columns(shorts: Ints, longs: Ints, of_shorts: Ints, of_longs: Ints) -> Ints:
    """shorts: (pairs, width <= 64) ids, filled up; longs: (pairs, steps), the longest first."""
    one, below = np.uint64(1), np.minimum(of_shorts, BITS - 1).astype(np.uint64)
    full = np.where(of_shorts == BITS, ~np.uint64(0), (one << below) - one)
    rows = full.copy()
    for step in range(longs.shape[1]):
        going = int(np.count_nonzero(of_longs > step))
        row = rows[:going]
        hit = row & _as_bits(shorts[:going] == longs[:going, step, None])
        rows[:going] = ((row + hit) | (row - hit)) & full[:going]  # what is carried out of the 64 bits is not missed
    left = np.unpackbits(rows.view(np.uint8).reshape(-1, 8), axis=1).sum(axis=1)
    return of_shorts - left.astype(np.int64)


def _as_bits(places: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """(pairs, width) as one number a pair, whose bit i is place i."""
    packed = np.zeros((len(places), BITS // 8), np.uint8)
    found = np.packbits(places, axis=1, bitorder="little")
    packed[:, : found.shape[1]] = found
    return packed.view("<u8")[:, 0].astype(np.uint64)


def _padded(ids: Ints, begins: Ints, sizes: Ints, fill: int) -> Ints:
    """The texts that begin there as rows, filled up with ``fill``."""
    places = np.arange(int(sizes.max(initial=0)))
    inside = places < sizes[:, None]
    found = np.full(inside.shape, fill, np.int64)
    found[inside] = ids[(begins[:, None] + places)[inside]]
    return found
