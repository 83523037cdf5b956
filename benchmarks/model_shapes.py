"""The shapes of the models that several benchmarks train."""

from dataclasses import dataclass

PIECES = 8192
"""Of the vocabulary that a benchmark's own corpus gives."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a decoder."""

    layers: int
    width: int
    heads: int
    key_value_heads: int
    inner: int
    vocabulary: int


SHAPE_30M = Shape(9, 512, 8, 4, 1408, PIECES)
