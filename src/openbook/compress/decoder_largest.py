"""How large each channel of a decoder's activations grows on some texts: what SmoothQuant is calibrated on.

The graph in floats runs with one more output at every product that reads a seam, max|x| of each channel. Without torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.compress.decoder_graph import decoder_graph
from openbook.compress.decoder_linear import float_decoder_linear
from openbook.compress.graph_writer import GraphWriter, floats
from openbook.compress.quantise import Array
from openbook.model.config import DecoderConfig


@dataclass(frozen=True, slots=True)
class _Watched:
    """A ``DecoderLinear`` in floats that keeps the names of the outputs it adds, by the name of the product."""

    outputs: dict[str, str] = field(default_factory=dict[str, str])

    def __call__(self, graph: GraphWriter, x: str, name: str, weight: Array, bias: Array | None = None) -> str:
        inputs = weight.shape[1]
        flat = graph.constant(f"flat{inputs}", np.array([-1, inputs], dtype=np.int64))
        rows = graph.node("Reshape", graph.node("Abs", x), flat)
        self.outputs[name] = graph.node("ReduceMax", rows, graph.axis(0), keepdims=0)
        return float_decoder_linear(graph, x, name, weight, bias)


def largest_activations(
    config: DecoderConfig, weights: Mapping[str, Array], texts: Sequence[NDArray[np.int64]]
) -> dict[str, Array]:
    """max|x| of each channel, for each of ``smooth_decoder.seams``. texts: ids, (time,), within the model's context."""
    import onnxruntime as untyped

    onnxruntime: Any = untyped
    watched = _Watched()
    model = decoder_graph(config, weights, watched)
    model.graph.output.extend([floats(output, "channels") for output in watched.outputs.values()])
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    words = weights["embedding.weight"]
    largest: dict[str, Array] = {}
    for ids in texts:
        seen = session.run(list(watched.outputs.values()), _inputs(config, words[ids][None]))
        for name, each in zip(watched.outputs, seen, strict=True):
            largest[name] = np.maximum(largest[name], each) if name in largest else each
    return {seam: largest[product] for seam, product in _products(config).items() if product in largest}


def _products(config: DecoderConfig) -> dict[str, str]:
    """The graph's product that reads each seam."""
    found = {"norm": "head"}
    for layer in range(config.layers):
        block = f"blocks.{layer}"
        found |= {
            f"{block}.attention_norm": f"{block}.attention.qkv",
            f"{block}.feed_forward_norm": f"{block}.feed_forward.gate_up",
            f"{block}.feed_forward.down": f"{block}.feed_forward.down",
        }
    return found


def _inputs(config: DecoderConfig, words: Array) -> dict[str, Any]:
    """One row without a past. words: (1, time, width)."""
    time = words.shape[1]
    past = np.zeros((1, config.key_value_heads, time, config.head_dim), dtype=np.float32)
    return {
        "words": words,
        "wanted": np.arange(time, dtype=np.int64),
        "used": np.array([time - 1], dtype=np.int32),
        "total": np.array(time, dtype=np.int32),
        **{f"past.{kind}.{layer}": past for layer in range(config.layers) for kind in ("key", "value")},
    }
