"""Rounding weights to whole numbers of 8 or 4 bits: symmetric by the largest value, or affine with a zero point.

A scale may be shared by a whole tensor, by a row, or by a group of neighbours in a row. A weight's row is an output
channel and an activation's row a token, so one pair of functions is per tensor, per channel, per group and per token.
The fewer numbers share a scale, the less one large number costs the others, and the more bits the scales take.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Int8 = NDArray[np.int8]
Bits: TypeAlias = Literal[4, 8]
Sharing: TypeAlias = Literal["tensor", "row"] | int
"""What has one scale: all of it, each row, or so many neighbours of a row (the last group may be shorter)."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """values: whole numbers, (rows, columns). scales: positive; (1, 1), (rows, 1) or (rows, groups). zeros: the value
    that stands for 0, of scales' shape; None where that is 0 itself. group: columns that share a scale.
    """

    values: NDArray[np.int8] | NDArray[np.uint8]
    scales: Array
    zeros: Array | None
    bits: Bits
    group: int

    def dequantise(self) -> Array:
        """(q - zero) · scale."""
        columns = self.values.shape[1]
        values = self.values.astype(np.float32)
        if self.zeros is not None:
            values -= _spread(self.zeros, self.group, columns)
        return values * _spread(self.scales, self.group, columns)

    @property
    def bits_per_weight(self) -> float:
        """Of the values, of their scales in FP32, and of zero points in as many bits as the values."""
        zeros = 0 if self.zeros is None else self.bits * self.zeros.size
        return self.bits + (32 * self.scales.size + zeros) / self.values.size


def symmetric(weight: Array, bits: Bits = 8, sharing: Sharing = "row") -> Rounded:
    """scale = max|w| / top, q = round(w / scale), top = 127 or 7 (Nagel et al. 2021, "A White Paper on Neural Network
    Quantization", eq. 7): in [-top, top], so that -q is always there too. What is all zeros gets the scale 1.

    weight: (rows, columns). Products need no correction for a zero point, which is why weights are mostly kept so.
    """
    top = 2 ** (bits - 1) - 1
    group = _group(weight, sharing)
    scales = _positive(_reduced(np.maximum, np.abs(weight), sharing) / np.float32(top))
    values = np.clip(np.rint(weight / _spread(scales, group, weight.shape[1])), -top, top)
    return Rounded(values.astype(np.int8), scales, None, bits, group)


def affine(weight: Array, bits: Bits = 8, sharing: Sharing = "row") -> Rounded:
    """scale = (high - low) / (2^bits - 1), zero = round(-low / scale), q = round(w / scale) + zero (Jacob et al. 2018,
    eq. 1), low <= 0 <= high: unsigned, and 0 is a value of its own, so that padding and dead units stay exact.

    weight: (rows, columns). Worth its zero points where numbers lie on one side of 0, as after an activation function.
    """
    top = 2**bits - 1
    group, columns = _group(weight, sharing), weight.shape[1]
    low = np.minimum(_reduced(np.minimum, weight, sharing), 0)
    high = np.maximum(_reduced(np.maximum, weight, sharing), 0)
    scales = _positive((high - low) / np.float32(top))
    zeros = np.rint(-low / scales).astype(np.float32)
    values = np.rint(weight / _spread(scales, group, columns)) + _spread(zeros, group, columns)
    return Rounded(np.clip(values, 0, top).astype(np.uint8), scales, zeros, bits, group)


def _group(weight: Array, sharing: Sharing) -> int:
    """Columns that share a scale. Raises ValueError for a group of none."""
    if isinstance(sharing, str):
        return weight.shape[1]
    if sharing < 1:
        raise ValueError(f"a group has one number or more, not {sharing}")
    return min(sharing, weight.shape[1])


def _reduced(pick: np.ufunc, weight: Array, sharing: Sharing) -> Array:
    """The largest, or the smallest, of each part that shares a scale."""
    starts: list[int] = list(range(0, weight.shape[1], _group(weight, sharing)))
    found: Any = pick.reduceat(weight, starts, axis=1)
    return pick.reduce(found, axis=0, keepdims=True) if sharing == "tensor" else found


def _spread(each: Array, group: int, columns: int) -> Array:
    """One number a group as one number a column."""
    return each if each.shape[1] == 1 else np.repeat(each, group, axis=1)[:, :columns]


def _positive(scales: NDArray[Any]) -> Array:
    return np.where(scales > 0, scales, np.float32(1)).astype(np.float32)
