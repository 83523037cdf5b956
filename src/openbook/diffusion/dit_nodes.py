"""The parts of a diffusion transformer as ONNX nodes: products, modulated norms, attention, and what it is told."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from openbook.compress.graph_writer import ORT_DOMAIN, GraphWriter
from openbook.compress.linear_nodes import LinearNodes, float_linear
from openbook.compress.quantise import Array

_EPSILON = 1e-6
_IN_FLOATS = ("network.enter", "network.leave")
"""Small, and next to the pixels themselves, so that rounding there is seen and saves nothing."""


@dataclass(frozen=True, slots=True)
class DitNodes:
    """weights: by the names of ``Denoiser``'s parameters. linear: how products are computed."""

    graph: GraphWriter
    weights: Mapping[str, Array]
    width: int
    heads: int
    linear: LinearNodes

    def product(self, name: str, x: str, places: int = 0, *, after_gelu: bool = False) -> str:
        """x @ Wᵀ + b. x: (batch, places, in), or (batch, in) for no places."""
        return self._product(name, x, self.weights[f"{name}.bias"], places, after_gelu=after_gelu)

    def shares(self, name: str, told: str, parts: int, scales: tuple[int, ...]) -> list[str]:
        """As many (batch, 1, width) of one product of ``told``, (batch, width); those that are scales have 1 added."""
        bias = self.weights[f"{name}.bias"].reshape(parts, -1).copy()
        bias[list(scales)] += 1
        row = self.graph.node("Unsqueeze", self._product(name, told, bias.reshape(-1), 0), self.graph.axis(1))
        return self.graph.node_with_outputs("Split", parts, row, axis=2, num_outputs=parts)

    def modulated(self, x: str, shift: str, scale: str) -> str:
        """norm(x) · scale + shift, of a norm without weights."""
        ones = self.graph.constant("ones", np.ones(self.width, np.float32))
        normed = self.graph.node("LayerNormalization", x, ones, axis=-1, epsilon=_EPSILON)
        return self.graph.node("Add", self.graph.node("Mul", normed, scale), shift)

    def attention(self, name: str, x: str, places: int, condition: str, tokens: int) -> str:
        """Of the places to one another and to the condition's tokens behind them."""
        graph = self.graph
        both = self.product(f"{name}.qkv", x, places)
        query, key, value = graph.node_with_outputs("Split", 3, both, axis=2, num_outputs=3)
        if condition:
            beside = self.product(f"{name}.beside", condition, tokens)
            more_keys, more_values = graph.node_with_outputs("Split", 2, beside, axis=2, num_outputs=2)
            key = graph.node("Concat", key, more_keys, axis=1)
            value = graph.node("Concat", value, more_values, axis=1)
        attended = graph.node("MultiHeadAttention", query, key, value, domain=ORT_DOMAIN, num_heads=self.heads)
        return self.product(f"{name}.output", attended, places)

    def feed_forward(self, name: str, x: str, places: int) -> str:
        """GELU between two products."""
        inner = self.product(f"{name}.feed_forward.up", x, places)
        inner = self.graph.node("FastGelu", inner, domain=ORT_DOMAIN)
        return self.product(f"{name}.feed_forward.down", inner, places, after_gelu=True)

    def silu(self, x: str) -> str:
        """x · sigmoid(x): QuickGelu with α = 1."""
        return self.graph.node("QuickGelu", x, domain=ORT_DOMAIN, alpha=1.0)

    def reshaped(self, x: str, *shape: int) -> str:
        """0 keeps a dimension, -1 takes what is left."""
        wanted = self.graph.constant(f"shape{'_'.join(map(str, shape))}", np.array(shape, np.int64))
        return self.graph.node("Reshape", x, wanted)

    def _product(self, name: str, x: str, bias: Array, places: int, *, after_gelu: bool = False) -> str:
        """By rows, each with a scale of its own where they are rounded."""
        weight = np.ascontiguousarray(self.weights[f"{name}.weight"].T)
        rows = self.reshaped(x, -1, len(weight)) if places else x
        self.graph.shared["length"] = self.graph.node("Shape", rows, end=1)
        linear = float_linear if name in _IN_FLOATS else self.linear
        product = linear(self.graph, rows, name, weight, after_gelu=after_gelu)
        product = self.graph.node("Add", product, self.graph.constant(f"{name}.bias", bias))
        return self.reshaped(product, -1, places, weight.shape[1]) if places else product
