"""The sentence encoder by its equations, in plain numpy: what the ONNX graphs are held equal to.

Devlin et al. 2018 (BERT) for the layers, Reimers and Gurevych 2019 (Sentence-BERT) for mean pooling and unit length.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from openbook.compress.bert import Bert, Layer, Linear, Norm
from openbook.compress.quantise import Array

Observer = Callable[[str, Array], object]
"""Called with the name of each layer normalisation and its output, (tokens, hidden)."""

_erf = np.vectorize(math.erf, otypes=[np.float32])


def _unobserved(_name: str, _output: Array) -> None:
    pass


def embed_by_the_equations(bert: Bert, ids: NDArray[np.int64], observe: Observer = _unobserved) -> Array:
    """The unit vector, (hidden,), of one text given as token ids, (tokens,), special tokens included."""
    mean = hidden_by_the_equations(bert, bert.words[ids], observe).mean(axis=0)
    return mean / np.linalg.norm(mean)


def hidden_by_the_equations(bert: Bert, words: Array, observe: Observer = _unobserved) -> Array:
    """The last layer's output for a row of word vectors, both (tokens, hidden); positions are added here."""
    x = layer_norm(words + bert.positions[: len(words)], bert.embedding_norm, bert.epsilon)
    observe("embedding_norm", x)
    for index, layer in enumerate(bert.layers):
        attended = linear(attention(x, layer, bert.heads), layer.attention_output)
        x = layer_norm(x + attended, layer.attention_norm, bert.epsilon)
        observe(f"layer{index}.attention_norm", x)
        x = layer_norm(x + linear(gelu(linear(x, layer.up)), layer.down), layer.output_norm, bert.epsilon)
        observe(f"layer{index}.output_norm", x)
    return x


def linear(x: Array, layer: Linear) -> Array:
    return x @ layer.weight + layer.bias


def layer_norm(x: Array, norm: Norm, epsilon: float) -> Array:
    """(x - mean) / √(variance + ε) · γ + β, over the last axis (Ba et al. 2016)."""
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + np.float32(epsilon)) * norm.gamma + norm.beta


def attention(x: Array, layer: Layer, heads: int) -> Array:
    """softmax(QKᵀ/√d)V for each head, side by side again; every token sees every token. (tokens, hidden) both ways."""
    tokens, hidden = x.shape
    head_dim = hidden // heads
    query, key, value = linear(x, layer.qkv).reshape(tokens, 3, heads, head_dim).transpose(1, 2, 0, 3)
    scores = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(head_dim))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return (weights @ value).transpose(1, 0, 2).reshape(tokens, hidden)


def gelu(x: Array) -> Array:
    """x · Φ(x) with the exact normal distribution function (Hendrycks and Gimpel 2016); never below -0.17."""
    return x * (1 + _erf(x / np.float32(math.sqrt(2)))) / 2
