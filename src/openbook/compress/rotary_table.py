"""Cosine and sine of every position's rotary angles, as the attention kernel takes them. Without torch."""

import numpy as np

from openbook.compress.quantise import Array
from openbook.model.config import BadCheckpoint, DecoderConfig
from openbook.model.stretch import stretch


def rotary_table(config: DecoderConfig) -> tuple[Array, Array]:
    """Two of (context, head_dim / 2). Raises BadCheckpoint for angles that depend on the length of the text."""
    if config.scaling is not None and config.scaling.kind == "dynamic":
        raise BadCheckpoint("dynamic rotary scaling depends on a text's length, which a fixed table cannot follow")
    pairs = config.head_dim // 2
    index = np.arange(pairs, dtype=np.float32)
    turning = 1 / np.float32(config.theta) ** (2 * index / np.float32(config.head_dim))
    turning, attention = stretch(turning, index, config.theta, config.scaling)
    angles = np.arange(config.context, dtype=np.float32)[:, None] * turning.astype(np.float32)
    return (np.cos(angles) * attention).astype(np.float32), (np.sin(angles) * attention).astype(np.float32)
