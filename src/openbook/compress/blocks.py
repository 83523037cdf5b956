"""Blocks of a matrix in INT8 or INT4, each with a scale of its own: how weights are stored for decoding.

The equations are those of ``quantise``, for blocks of neighbouring inputs of one output: symmetric at 8 bits, and
affine at 4, where 16 values are too few to leave any unused. One large weight costs its own block the resolution and
no other. The layout is that of onnxruntime's ``MatMulNBits``: unsigned, around a zero point of 128 or of each block's
own, two 4-bit values a byte with the earlier one low. A block that does not divide the inputs is filled up with what
stands for 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.compress.quantise import Array, Bits, affine, symmetric

BLOCKS = (16, 32, 64, 128, 256)
"""Block sizes that the kernel has."""

_Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix of (out, in). packed: uint8 (out, blocks, block · bits / 8); scales: (out, blocks), positive; zeros:
    zero points, uint8 (out, blocks · bits / 8, rounded up), or None for the middle of the range.

    inputs: how many columns are real: the last block is filled up.
    """

    packed: _Bytes
    scales: Array
    zeros: _Bytes | None
    inputs: int
    bits: Bits

    @property
    def block(self) -> int:
        return self.packed.shape[2] * 8 // self.bits

    def rows(self, which: NDArray[np.int64]) -> Array:
        """Some rows dequantised, (..., in): a table of words is read so."""
        values = self._unpacked(self.packed[which]).astype(np.float32)
        if self.zeros is None:
            values -= np.float32(2 ** (self.bits - 1))
        else:
            values -= self._unpacked(self.zeros[which])[..., : self.scales.shape[1], None]
        values *= self.scales[which][..., None]
        return values.reshape(*which.shape, -1)[..., : self.inputs]

    def dequantise(self) -> Array:
        return self.rows(np.arange(len(self.packed)))

    def _unpacked(self, packed: _Bytes) -> _Bytes:
        if self.bits == 8:
            return packed
        low, high = packed & np.uint8(15), packed >> np.uint8(4)
        return np.stack([low, high], axis=-1).reshape(*packed.shape[:-1], -1).astype(np.uint8)


def quantise_blocks(weight: Array, bits: Bits, block: int) -> Blocks:
    """weight: (out, in). Raises ValueError for a block that the kernel does not have."""
    if block not in BLOCKS:
        raise ValueError(f"a block of {block} is none of {', '.join(map(str, BLOCKS))}")
    out, inputs = weight.shape
    if bits == 8:
        rounded = symmetric(weight, bits, block)
        values, zeros = rounded.values.astype(np.int16) + 128, np.full(rounded.scales.shape, 128)
    else:
        rounded = affine(weight, bits, block)
        assert rounded.zeros is not None
        values, zeros = rounded.values, rounded.zeros
    filled = np.repeat(zeros.astype(np.uint8), block, axis=1)
    filled[:, :inputs] = values
    packed = filled.reshape(out, -1, block)
    if bits == 8:
        return Blocks(packed, rounded.scales, None, inputs, bits)
    return Blocks(_in_pairs(packed), rounded.scales, _in_pairs(zeros.astype(np.uint8)), inputs, bits)


def _in_pairs(values: _Bytes) -> _Bytes:
    """Two 4-bit values a byte along the last axis, the earlier one low; an odd number is filled up with a zero."""
    if values.shape[-1] % 2:
        values = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, 1)])
    return np.bitwise_or(values[..., 0::2], values[..., 1::2] * np.uint8(16))
