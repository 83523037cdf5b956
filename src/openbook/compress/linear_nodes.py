"""x @ W in an ONNX graph: in floats, and in INT8 with a scale for each row of x.

The row-wise equation, for tokens t, inputs k and outputs j, with q(x) unsigned around a zero point z and q(W) signed:

    y[t, j] = row[t] · column[j] · Σk (qx[t, k] - z) · qW[k, j]

``DynamicQuantizeLinear`` would take one scale for all of x, so that a token's vector depends on its neighbours and one
outlier costs every token its resolution. Here row[t] depends on token t alone.
"""

from typing import Protocol

import numpy as np

from openbook.compress.graph_writer import ORT_DOMAIN, GraphWriter
from openbook.compress.pairsafe import quantise_columns_pairsafe
from openbook.compress.quantise import Array

GELU_LOWEST = 0.17
"""gelu(x) is never below -0.17."""

_GELU_ZERO = 16
"""Of 256 levels after GELU, 16 below zero are enough; a zero in the middle would waste nearly half of them."""


class LinearNodes(Protocol):
    def __call__(self, graph: GraphWriter, x: str, name: str, weight: Array, *, after_gelu: bool = False) -> str:
        """Adds x @ weight, without bias, to the graph. x: (tokens, in); weight: (in, out). Returns (tokens, out)."""
        ...


def float_linear(graph: GraphWriter, x: str, name: str, weight: Array, *, after_gelu: bool = False) -> str:
    del after_gelu  # only a quantiser has to know what range to expect
    return graph.node("MatMul", x, graph.constant(f"{name}.weight", weight))


def row_wise_int8_linear(graph: GraphWriter, x: str, name: str, weight: Array, *, after_gelu: bool = False) -> str:
    quantised = quantise_columns_pairsafe(weight)
    values = graph.constant(f"{name}.weight", quantised.values)
    columns = graph.constant(f"{name}.scales", quantised.scales[0])
    rows, zero = _row_scales_after_gelu(graph, x) if after_gelu else _row_scales(graph, x)
    zeros = graph.filled(zero, graph.shared["length"])
    quantised_x = graph.node("QuantizeLinear", x, rows, zeros, axis=0)
    product = graph.node(
        "MatMulIntegerToFloat",
        quantised_x,
        values,
        graph.constant("one", np.float32(1)),
        columns,
        graph.constant(f"zero{zero}", zero),
        domain=ORT_DOMAIN,
    )
    return graph.node("Mul", product, graph.node("Unsqueeze", rows, graph.axis(1)))


def _row_scales(graph: GraphWriter, x: str) -> tuple[str, np.uint8]:
    """max|x| / 127 of each row, (tokens,), around the middle of the unsigned range."""
    largest = graph.node("ReduceMax", graph.node("Abs", x), graph.axis(1), keepdims=0)
    scales = graph.node("Mul", largest, graph.constant("levels", np.float32(1 / 127)))
    return graph.node("Max", scales, graph.constant("smallest", np.float32(1e-12))), np.uint8(128)


def _row_scales_after_gelu(graph: GraphWriter, x: str) -> tuple[str, np.uint8]:
    """max x / 239 of each row, and at least what lets the 16 levels below zero reach -0.17."""
    largest = graph.node("ReduceMax", x, graph.axis(1), keepdims=0)
    scales = graph.node("Mul", largest, graph.constant("gelu_levels", np.float32(1 / (255 - _GELU_ZERO))))
    smallest = graph.constant("gelu_smallest", np.float32(GELU_LOWEST / _GELU_ZERO))
    return graph.node("Max", scales, smallest), np.uint8(_GELU_ZERO)
