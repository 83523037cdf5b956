"""Q8_0, the INT8 blocks of GGUF files: 32 neighbours share a scale that is kept in FP16.

The equation, for a block b: d = max|w_b| / 127, q = round(w_b / d) with halves away from zero, and back w ≈ q · d with
d as FP16 has it. q comes from d before d is rounded, as in ggml's ``quantize_row_q8_0_ref``; a test holds both equal
byte for byte.
"""

import numpy as np
from numpy.typing import NDArray

from openbook.compress.quantise import Array

BLOCK = 32
BLOCK_BYTES = 34
"""Two of the scale, then one a number."""


def quantise_q8_0(weight: Array) -> NDArray[np.uint8]:
    """(..., in) to (..., in / 32 · 34) bytes. Raises ValueError for rows that are no multiple of 32."""
    *rows, inputs = weight.shape
    if inputs % BLOCK:
        raise ValueError(f"rows of {inputs} are no whole blocks of {BLOCK}")
    blocks = weight.reshape(-1, BLOCK)
    scales = np.abs(blocks).max(axis=1, keepdims=True) / np.float32(127)
    held = scales > np.finfo(np.float32).tiny  # what is smaller is 0 in FP16, and has no finite inverse
    scaled = blocks * np.divide(np.float32(1), scales, out=np.zeros_like(scales), where=held)
    whole = np.floor(np.abs(scaled))
    values = np.copysign(whole + (np.abs(scaled) - whole >= 0.5), scaled).astype(np.int8)
    packed = np.concatenate([scales.astype("<f2").view(np.uint8), values.view(np.uint8)], axis=1)
    return packed.reshape(*rows, inputs // BLOCK * BLOCK_BYTES)


def dequantise_q8_0(packed: NDArray[np.uint8]) -> Array:
    """(..., blocks · 34) bytes back to (..., blocks · 32) numbers."""
    *rows, length = packed.shape
    blocks = packed.reshape(-1, BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    values = np.ascontiguousarray(blocks[:, 2:]).view(np.int8).astype(np.float32)
    return (values * scales).reshape(*rows, length // BLOCK_BYTES * BLOCK)
