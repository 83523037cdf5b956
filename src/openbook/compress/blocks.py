"""Blocks of a matrix in INT8 or INT4, each with a scale of its own: how weights are stored for decoding.

The equation, for a block b of neighbouring inputs of one output: scale = max|w_b| / top, q = round(w_b / scale), and
back w ≈ q · scale, with top = 127 for 8 bits and 7 for 4. One large weight costs its own block the resolution and no
other. The layout is that of onnxruntime's ``MatMulNBits``: unsigned, around a zero point of 2^(bits - 1), two 4-bit
values a byte with the earlier one low. A block that does not divide the inputs is filled up with zeros.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.compress.quantise import Array, Bits, symmetric

BLOCKS = (16, 32, 64, 128, 256)
"""Block sizes that the kernel has."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix of (out, in). packed: uint8 (out, blocks, block · bits / 8); scales: (out, blocks), positive.

    inputs: how many columns are real: the last block is filled up with zeros.
    """

    packed: NDArray[np.uint8]
    scales: Array
    inputs: int
    bits: Bits

    @property
    def block(self) -> int:
        return self.packed.shape[2] * 8 // self.bits

    def rows(self, which: NDArray[np.int64]) -> Array:
        """Some rows dequantised, (..., in): a table of words is read so."""
        packed = self.packed[which]
        if self.bits == 4:
            packed = np.stack([packed & 15, packed >> 4], axis=-1).reshape(*packed.shape[:-1], -1)
        values = packed.astype(np.float32) - np.float32(2 ** (self.bits - 1))
        values *= self.scales[which][..., None]
        return values.reshape(*which.shape, -1)[..., : self.inputs]

    def dequantise(self) -> Array:
        return self.rows(np.arange(len(self.packed)))


def quantise_blocks(weight: Array, bits: Bits, block: int) -> Blocks:
    """weight: (out, in). Raises ValueError for a block that the kernel does not have."""
    if block not in BLOCKS:
        raise ValueError(f"a block of {block} is none of {', '.join(map(str, BLOCKS))}")
    out, inputs = weight.shape
    rounded = symmetric(weight, bits, block)
    padded = np.pad(rounded.values, ((0, 0), (0, -inputs % block))).reshape(out, -1, block)
    packed = (padded.astype(np.int16) + 2 ** (bits - 1)).astype(np.uint8)
    if bits == 4:
        packed = np.bitwise_or(packed[..., 0::2], packed[..., 1::2] * np.uint8(16))
    return Blocks(packed, rounded.scales, inputs, bits)
