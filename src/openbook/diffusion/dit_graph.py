"""A diffusion transformer with its condition as one ONNX graph for onnxruntime on a CPU, written as it should run.

It is ``dit.py`` and ``condition.py`` in the kernels of onnxruntime. Rows of a batch do not meet, so that a picture with
and without its condition is one batch of two.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from openbook.compress.graph_writer import GraphWriter, floats, integers
from openbook.compress.linear_nodes import LinearNodes
from openbook.compress.quantise import Array
from openbook.diffusion.condition_nodes import class_tokens, text_tokens
from openbook.diffusion.dit_nodes import DitNodes
from openbook.diffusion.shapes import DitShape


@dataclass(frozen=True, slots=True)
class Asked:
    """A denoiser's pictures, and what it is told. classes: how many, or 0. tokens, text_width: of a text, or 0."""

    size: int
    channels: int
    classes: int = 0
    tokens: int = 0
    text_width: int = 0


def dit_graph(shape: DitShape, asked: Asked, weights: Mapping[str, Array], linear: LinearNodes) -> ModelProto:
    """Inputs: x (batch, channels, size, size), of unit spread; time (batch,). Where there is a condition also kept,
    (batch,), false where it is not told, and given: class numbers (batch,), or the vectors of texts (batch, tokens,
    text_width), zeros after the end. Output: prediction, of x's shape.

    weights: by the names of ``Denoiser``'s parameters, and two that are not learnt: ``rates`` of the time's waves,
    (waves,), and ``places``, (patches, width).
    """
    graph = GraphWriter()
    dit = DitNodes(graph, weights, shape.width, shape.heads, linear)
    side, patch = asked.size // shape.patch, shape.patch
    tokens = 1 if asked.classes else asked.tokens
    condition = class_tokens(dit) if asked.classes else text_tokens(dit, tokens, shape.text_layers) if tokens else ""
    told = _told(dit, condition)
    parts = dit.reshaped("x", 0, asked.channels, side, patch, side, patch)
    parts = dit.reshaped(graph.node("Transpose", parts, perm=[0, 2, 4, 1, 3, 5]), 0, side**2, asked.channels * patch**2)
    x = graph.node("Add", dit.product("network.enter", parts, side**2), graph.constant("places", weights["places"]))
    for layer in range(shape.layers):
        x = _block(dit, f"network.blocks.{layer}", x, side**2, told, condition, tokens)
    shift, scale = dit.shares("network.tell", told, 2, scales=(1,))
    x = dit.product("network.leave", dit.modulated(x, shift, scale), side**2)
    parts = graph.node(
        "Transpose", dit.reshaped(x, 0, side, side, asked.channels, patch, patch), perm=[0, 3, 1, 4, 2, 5]
    )
    graph.rename(dit.reshaped(parts, 0, asked.channels, asked.size, asked.size), "prediction")
    picture = floats("prediction", "batch", asked.channels, asked.size, asked.size)
    return graph.model("denoiser", _inputs(asked), [picture])


def _told(dit: DitNodes, condition: str) -> str:
    """silu(the time's vector + the condition's, pooled), (batch, width)."""
    graph = dit.graph
    steps = graph.node("Mul", "time", graph.constant("thousandths", np.float32(1000)))
    rates = graph.constant("rates", dit.weights["rates"])
    angles = graph.node("Mul", graph.node("Unsqueeze", steps, graph.axis(1)), rates)
    waves = graph.node("Concat", graph.node("Cos", angles), graph.node("Sin", angles), axis=1)
    told = dit.product("network.time.down", dit.silu(dit.product("network.time.up", waves)))
    if condition:
        mean = graph.node("ReduceMean", condition, graph.axis(1), keepdims=0)
        told = graph.node("Add", told, dit.product("network.pooled", mean))
    return dit.silu(told)


def _block(dit: DitNodes, name: str, x: str, places: int, told: str, condition: str, tokens: int) -> str:
    """x + gate · attention(modulated norm(x)), then the same with a feed-forward layer."""
    graph = dit.graph
    shift, scale, gate, shift_after, scale_after, gate_after = dit.shares(f"{name}.tell", told, 6, scales=(1, 4))
    mixed = dit.attention(f"{name}.attention", dit.modulated(x, shift, scale), places, condition, tokens)
    x = graph.node("Add", x, graph.node("Mul", gate, mixed))
    thought = dit.feed_forward(name, dit.modulated(x, shift_after, scale_after), places)
    return graph.node("Add", x, graph.node("Mul", gate_after, thought))


def _inputs(asked: Asked) -> list[ValueInfoProto]:
    inputs = [floats("x", "batch", asked.channels, asked.size, asked.size), floats("time", "batch")]
    if asked.classes or asked.tokens:
        inputs.append(helper.make_tensor_value_info("kept", TensorProto.BOOL, ["batch"]))
        inputs.append(
            integers("given", "batch") if asked.classes else floats("given", "batch", asked.tokens, asked.text_width)
        )
    return inputs
