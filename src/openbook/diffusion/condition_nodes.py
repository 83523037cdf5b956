"""What a denoiser is told as ONNX nodes: ``condition.py``'s two ways, with what stands where nothing is told."""

import numpy as np

from openbook.diffusion.dit_nodes import DitNodes

_EPSILON = 1e-5


def class_tokens(dit: DitNodes) -> str:
    """A row of the table for each number in ``given``, the last where ``kept`` is false: (batch, 1, width)."""
    graph, table = dit.graph, dit.weights["condition.table.weight"]
    none = graph.constant("none", np.array([len(table) - 1], np.int64))
    which = graph.node("Where", "kept", "given", none)
    row = graph.node("Gather", graph.constant("condition.table", table), which, axis=0)
    return graph.node("Unsqueeze", row, graph.axis(1))


def text_tokens(dit: DitNodes, tokens: int, layers: int) -> str:
    """``given``'s vectors in the network's width, and after a text's end what stands there, through the layers over
    them: (batch, tokens, width).
    """
    graph, weights = dit.graph, dit.weights
    largest = graph.node("ReduceMax", graph.node("Abs", "given"), graph.axis(2), keepdims=1)
    present = graph.node("Greater", largest, graph.constant("nothing", np.float32(0)))
    kept = graph.node("Unsqueeze", "kept", graph.constant("axes1_2", np.array([1, 2], np.int64)))
    said = dit.product("condition.project", _normed(dit, "condition.norm", "given"), tokens)
    ended = graph.constant("condition.ended", weights["condition.ended"])
    found = graph.node("Where", graph.node("And", present, kept), said, ended)
    for layer in range(layers):
        found = _layer(dit, f"condition.blocks.{layer}", found, tokens)
    return found


def _layer(dit: DitNodes, name: str, x: str, tokens: int) -> str:
    """``text_layer.py``: x + attention(norm(x)), then the same with a feed-forward layer."""
    graph = dit.graph
    mixed = dit.attention(f"{name}.attention", _normed(dit, f"{name}.attention_norm", x), tokens, "", 0)
    x = graph.node("Add", x, mixed)
    return graph.node("Add", x, dit.feed_forward(name, _normed(dit, f"{name}.feed_forward_norm", x), tokens))


def _normed(dit: DitNodes, name: str, x: str) -> str:
    """A norm with weights."""
    parts = [dit.graph.constant(f"{name}.{part}", dit.weights[f"{name}.{part}"]) for part in ("weight", "bias")]
    return dit.graph.node("LayerNormalization", x, *parts, axis=-1, epsilon=_EPSILON)
