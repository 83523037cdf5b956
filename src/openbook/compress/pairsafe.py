"""INT8 weights whose products cannot overflow AVX2's multiply-add.

x86 processors without VNNI multiply unsigned activations by signed weights with ``vpmaddubsw``, which adds two
neighbouring products in 16 bits and saturates in silence: 255·127 + 255·127 is 64,770, the limit 32,767. The usual way
out is 7-bit weights. But only neighbours that are large together overflow, so it is enough to bound the sums of two:
255·128 = 32,640. On weights of a normal shape that costs a fifth of the resolution where 7 bits cost half of it.
"""

from dataclasses import dataclass

import numpy as np

from openbook.compress.quantise import Array, Int8

PAIR_LIMIT = 128
"""Largest sum of two neighbouring weights of one sign: 255 · 128 fits in a signed 16-bit integer, 255 · 129 not."""


@dataclass(frozen=True, slots=True)
class Columns:
    """values: INT8 weights, (in, out). scales: positive, (1, out)."""

    values: Int8
    scales: Array

    def dequantise(self) -> Array:
        return self.values.astype(np.float32) * self.scales


def quantise_columns_pairsafe(weight: Array) -> Columns:
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
    scales = np.where(scales > 0, scales, np.float32(1)).astype(np.float32)
    return Columns(np.clip(np.rint(weight / scales), -127, 127).astype(np.int8), scales)


def largest_pair(values: Int8) -> int:
    """The largest sum of two neighbours of one sign along the first axis of (in, out) weights."""
    pairs = values.astype(np.int32).reshape(values.shape[0] // 2, 2, values.shape[1])
    return int(max(np.maximum(pairs, 0).sum(axis=1).max(), np.maximum(-pairs, 0).sum(axis=1).max()))
