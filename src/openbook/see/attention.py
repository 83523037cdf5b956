"""Where the shipped encoder looks: its attention weights for a text, by the equations, without torch.

onnxruntime's fused kernel never holds these weights, so they are computed again from what is shipped, in numpy. A text
that one can look at takes some hundredths of a second.
"""

import math

import numpy as np
from numpy.typing import NDArray

from openbook.compress.bert import Bert, Layer
from openbook.compress.bert_reference import embed_by_the_equations, linear
from openbook.compress.quantise import Array

Maps = NDArray[np.float32]
"""(layers, heads, tokens, tokens): how much each token, a row, takes from each, a column; rows add up to 1."""


def attention_maps(bert: Bert, ids: NDArray[np.int64]) -> Maps:
    """ids: (tokens,), special tokens included."""
    maps: list[Array] = []

    def observe(name: str, x: Array) -> None:
        feeds = name == "embedding_norm" or name.endswith(".output_norm")
        if feeds and len(maps) < len(bert.layers):
            maps.append(attention_weights(x, bert.layers[len(maps)], bert.heads))

    embed_by_the_equations(bert, ids, observe)
    return np.stack(maps)


def attention_weights(x: Array, layer: Layer, heads: int) -> Array:
    """softmax(QKᵀ/√d) of each head (Vaswani et al. 2017, eq. 1). x: (tokens, hidden). (heads, tokens, tokens)."""
    tokens, hidden = x.shape
    query, key, _ = linear(x, layer.qkv).reshape(tokens, 3, heads, hidden // heads).transpose(1, 2, 0, 3)
    scores = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(hidden // heads))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
