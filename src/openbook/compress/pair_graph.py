"""The pair encoder as an ONNX graph: one question with one passage a run, three heads on what was read together.

The word table is not in it: every trunk shares the embedder's, whose rows are looked up before the graph runs.
"""

from collections.abc import Mapping

import numpy as np
from onnx import ModelProto, TensorProto

from openbook.compress.bert import Linear
from openbook.compress.graph_writer import GraphWriter, floats, integers
from openbook.compress.linear_nodes import LinearNodes, float_linear, row_wise_int8_linear
from openbook.compress.pair_weights import PairWeights
from openbook.compress.quantise import Array
from openbook.compress.trunk_nodes import trunk


def fp32_pair(weights: PairWeights) -> ModelProto:
    """The yardstick: every product in 32-bit floats."""
    return _pair(weights, float_linear, {})


def int8_pair(weights: PairWeights, divisors: Mapping[str, Array]) -> ModelProto:
    """What is shipped: the trunk's products in INT8 as the embedder's, the heads in floats, being small."""
    return _pair(weights, row_wise_int8_linear, divisors)


def _pair(weights: PairWeights, linear: LinearNodes, divisors: Mapping[str, Array]) -> ModelProto:
    """Inputs: ``words``, float32 (tokens, hidden), and ``kinds``, int64 (tokens,), 1 on the passage.

    Outputs: ``spans``, float32 (tokens, 2), start and end; ``decisions``, float32 (2,), relevance and no-answer.
    """
    graph = GraphWriter()
    graph.shared["length"] = graph.node("Shape", "kinds")
    kinds = graph.node("Unsqueeze", graph.node("Cast", "kinds", to=TensorProto.FLOAT), graph.axis(1))
    segment = graph.node("Mul", kinds, graph.constant("segment", weights.segment[None]))
    x = trunk(graph, weights.trunk, graph.node("Add", "words", segment), linear, divisors)
    graph.rename(_head(graph, x, "span", weights.span), "spans")
    first = graph.node("Gather", x, graph.constant("first", np.int64(0)), axis=0)
    decided = _head(graph, graph.node("Tanh", _head(graph, first, "pair", weights.pair)), "decide", weights.decide)
    graph.rename(decided, "decisions")
    hidden = weights.trunk.hidden
    inputs = [floats("words", "tokens", hidden), integers("kinds", "tokens")]
    return graph.model("pair_encoder", inputs, [floats("spans", "tokens", 2), floats("decisions", 2)])


def _head(graph: GraphWriter, x: str, name: str, head: Linear) -> str:
    product = graph.node("MatMul", x, graph.constant(f"{name}.weight", head.weight))
    return graph.node("Add", product, graph.constant(f"{name}.bias", head.bias))
