"""Symmetric INT8 by the largest absolute value, and the same without overflow in AVX2's multiply-add.

The equation: scale = max|w| / 127, q = round(w / scale), and back w ≈ q · scale. One scale for each row or column keeps
one large weight from costing all the others their resolution.

x86 processors without VNNI multiply unsigned activations by signed weights with ``vpmaddubsw``, which adds two
neighbouring products in 16 bits and saturates in silence: 255·127 + 255·127 is 64,770, the limit 32,767. The usual way
out is 7-bit weights. But only neighbours that are large together overflow, so it is enough to bound the sums of two:
255·128 = 32,640. On weights of a normal shape that costs a fifth of the resolution where 7 bits cost half of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Int8 = NDArray[np.int8]

PAIR_LIMIT = 128
"""Largest sum of two neighbouring weights of one sign: 255 · 128 fits in a signed 16-bit integer, 255 · 129 not."""


@dataclass(frozen=True, slots=True)
class Quantised:
    """values: the INT8 weights, of the weight's shape. scales: positive, broadcast against values."""

    values: Int8
    scales: Array

    def dequantise(self) -> Array:
        return self.values.astype(np.float32) * self.scales


def quantise_absmax(weight: Array, axis: int) -> Quantised:
    """scale = max|w| / 127 along ``axis``, q = round(w / scale): in [-127, 127], so that -q is always there too.

    weight: any shape. Scales keep ``axis`` with length 1. A slice of zeros gets the scale 1.
    """
    scales = np.abs(weight).max(axis=axis, keepdims=True) / np.float32(127)
    return _round_to(weight, scales)


def quantise_columns_pairsafe(weight: Array) -> Quantised:
    """Column-wise INT8 of a (in, out) matrix in which no two neighbours along ``in`` overflow ``vpmaddubsw``.

    Neighbours are rows (0, 1), (2, 3), ...: for each sign, q[2i] + q[2i+1] <= 128. The scale leaves 127 for the sum, as
    rounding may add a half to each of the two. Raises ValueError for an odd number of rows.
    """
    rows, columns = weight.shape
    if rows % 2:
        raise ValueError(f"neighbours are taken in pairs: {rows} rows are odd")
    pairs = weight.reshape(rows // 2, 2, columns)
    upward = np.maximum(pairs, 0).sum(axis=1).max(axis=0)
    downward = np.maximum(-pairs, 0).sum(axis=1).max(axis=0)
    # a lone large weight is a pair with a sum of its own size, so this is never below the absmax scale
    scales = np.maximum(upward, downward)[None, :] / np.float32(PAIR_LIMIT - 1)
    return _round_to(weight, scales)


def largest_pair(values: Int8) -> int:
    """The largest sum of two neighbours of one sign along the first axis of (in, out) weights."""
    pairs = values.astype(np.int32).reshape(values.shape[0] // 2, 2, values.shape[1])
    return int(max(np.maximum(pairs, 0).sum(axis=1).max(), np.maximum(-pairs, 0).sum(axis=1).max()))


def round_trip_error(weight: Array, quantised: Quantised) -> float:
    """Root of the mean squared error, as a share of the weight's own root mean square (0 is exact)."""
    error = np.square(weight - quantised.dequantise(), dtype=np.float64).mean()
    power = np.square(weight, dtype=np.float64).mean()
    return float(np.sqrt(error / power)) if power else 0.0


def _round_to(weight: Array, scales: Array) -> Quantised:
    scales = np.where(scales > 0, scales, np.float32(1)).astype(np.float32)
    values = np.clip(np.rint(weight / scales), -127, 127).astype(np.int8)
    return Quantised(values, scales)
