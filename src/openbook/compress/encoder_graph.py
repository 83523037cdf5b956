"""The sentence encoder as an ONNX graph, written as it should run: no optimiser is needed, or wanted, afterwards.

One text a run: no padding, no mask, nothing for a neighbour to change.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np
from onnx import ModelProto, TensorProto

from openbook.compress.bert import Bert
from openbook.compress.graph_writer import GraphWriter, floats, integers
from openbook.compress.linear_nodes import LinearNodes, float_linear, row_wise_int8_linear
from openbook.compress.quantise import Array, symmetric
from openbook.compress.trunk_nodes import trunk

Pooling: TypeAlias = Literal["mean", "first"]
"""What stands for a text: the mean over its tokens (Sentence-BERT), or the state of [CLS] (BERT itself)."""


def fp32_encoder(bert: Bert, pooling: Pooling = "mean") -> ModelProto:
    """The yardstick: every weight and product in 32-bit floats."""
    graph = GraphWriter()
    words = graph.node("Gather", graph.constant("words", bert.words), "ids")
    return _encoder(graph, bert, words, float_linear, {}, pooling)


def int8_encoder(bert: Bert, divisors: Mapping[str, Array], pooling: Pooling = "mean") -> ModelProto:
    """What is shipped. A scale for each row of the word table, each column of a matrix, each token of activations.

    divisors: for the name of a layer normalisation, what its channels are divided by (see ``smooth``).
    """
    graph = GraphWriter()
    table = symmetric(bert.words)
    values = graph.node("Gather", graph.constant("words", table.values), "ids")
    scales = graph.node("Gather", graph.constant("words.scales", table.scales), "ids")
    words = graph.node("Mul", graph.node("Cast", values, to=TensorProto.FLOAT), scales)
    return _encoder(graph, bert, words, row_wise_int8_linear, divisors, pooling)


def _encoder(
    graph: GraphWriter, bert: Bert, words: str, linear: LinearNodes, divisors: Mapping[str, Array], pooling: Pooling
) -> ModelProto:
    """The trunk, one vector of its tokens', unit length (Reimers and Gurevych 2019)."""
    graph.shared["length"] = graph.node("Shape", "ids")
    x = trunk(graph, bert, words, linear, divisors)
    if pooling == "mean":
        pooled = graph.node("ReduceMean", x, graph.axis(0), keepdims=0)
    else:
        pooled = graph.node("Gather", x, graph.constant("first", np.int64(0)), axis=0)
    graph.rename(graph.node("LpNormalization", pooled, axis=0, p=2), "embedding")
    ids = integers("ids", "tokens")
    return graph.model("sentence_encoder", [ids], [floats("embedding", bert.hidden)])
