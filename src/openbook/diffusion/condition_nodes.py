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


def text_tokens(dit: DitNodes, tokens: int) -> str:
    """``given``'s vectors in the network's width, and after a text's end what stands there: (batch, tokens, width)."""
    graph, weights = dit.graph, dit.weights
    largest = graph.node("ReduceMax", graph.node("Abs", "given"), graph.axis(2), keepdims=1)
    present = graph.node("Greater", largest, graph.constant("nothing", np.float32(0)))
    kept = graph.node("Unsqueeze", "kept", graph.constant("axes1_2", np.array([1, 2], np.int64)))
    norm = [graph.constant(f"norm.{part}", weights[f"condition.norm.{part}"]) for part in ("weight", "bias")]
    normed = graph.node("LayerNormalization", "given", *norm, axis=-1, epsilon=_EPSILON)
    said = dit.product("condition.project", normed, tokens)
    ended = graph.constant("condition.ended", weights["condition.ended"])
    return graph.node("Where", graph.node("And", present, kept), said, ended)
