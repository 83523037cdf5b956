"""A Llama-shaped decoder as one ONNX graph for onnxruntime on a CPU, written as it should run.

Query, key and value are one product, gate and up another; rotary, cache and grouped attention are one kernel; each
residual sum and the norm after it are one more. Words are looked up outside (``words``), so that a table shared with
the output stands in the file once. The cache is as long as its owner makes it, and written in place where past and
present are bound to the same memory.
"""

from collections.abc import Mapping

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from openbook.compress.decoder_linear import DecoderLinear
from openbook.compress.graph_writer import ORT_DOMAIN, GraphWriter, floats
from openbook.compress.quantise import Array
from openbook.compress.rotary_table import rotary_table
from openbook.model.config import BadCheckpoint, DecoderConfig


def decoder_graph(config: DecoderConfig, weights: Mapping[str, Array], linear: DecoderLinear) -> ModelProto:
    """Inputs: words (batch, time, width); wanted (n,), which of batch · time positions get logits; used (batch,), the
    index of each row's last token; total (), tokens in the longest row. Outputs: logits (n, vocabulary), and the cache.

    Raises BadCheckpoint for a shape that is not Llama's.
    """
    check_shape(config)
    graph = GraphWriter()
    for name, table in zip(("cosine", "sine"), rotary_table(config), strict=True):
        graph.constant(name, table)
    x = "words"
    normed = graph.node(
        "SimplifiedLayerNormalization", x, _weight(graph, weights, "blocks.0.attention_norm"), axis=-1,
        epsilon=config.epsilon,
    )  # fmt: skip
    for layer in range(config.layers):
        block = f"blocks.{layer}"
        attended = _attention(graph, config, weights, linear, normed, layer)
        normed, x = _add_and_norm(graph, config, x, attended, _weight(graph, weights, f"{block}.feed_forward_norm"))
        fed = _feed_forward(graph, weights, linear, normed, block)
        last = layer + 1 == config.layers
        gamma = _weight(graph, weights, "norm" if last else f"blocks.{layer + 1}.attention_norm")
        normed, x = _add_and_norm(graph, config, x, fed, gamma)
    rows = graph.node("Reshape", normed, graph.constant("rows", np.array([-1, config.width], np.int64)))
    rows = graph.node("Gather", rows, "wanted", axis=0)
    head = "embedding.weight" if config.tied else "unembedding.weight"
    graph.rename(linear(graph, rows, "head", weights[head]), "logits")
    outputs = [floats("logits", "n", config.vocabulary), *_cache(config, "present")]
    return graph.model("decoder", _inputs(config), outputs)


def check_shape(config: DecoderConfig) -> None:
    """Raises BadCheckpoint unless the graph has all that the model needs."""
    if config.positions != "rotary" or config.norm != "rms" or config.activation != "swiglu":
        raise BadCheckpoint(
            f"a model of the shape of {config.family} cannot be compressed yet: Llama, Mistral and Qwen can"
        )
    if config.head_dim % 16:
        raise BadCheckpoint(f"head_dim is {config.head_dim} and the attention kernel takes multiples of 16 alone")


def _attention(
    graph: GraphWriter, config: DecoderConfig, weights: Mapping[str, Array], linear: DecoderLinear, x: str, layer: int
) -> str:
    name = f"blocks.{layer}.attention"
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    bias = np.concatenate([weights[f"{part}.bias"] for part in parts]) if config.bias_attention_in else None
    qkv = linear(graph, x, f"{name}.qkv", np.concatenate([weights[f"{part}.weight"] for part in parts]), bias)
    read = _normed_heads(graph, config, weights, qkv, name) if config.query_key_norm else [qkv, "", ""]
    attended, *present = graph.node_with_outputs(
        "GroupQueryAttention", 3, *read, f"past.key.{layer}", f"past.value.{layer}", "used", "total", "cosine", "sine",
        domain=ORT_DOMAIN, num_heads=config.heads, kv_num_heads=config.key_value_heads, do_rotary=1,
        local_window_size=config.window_of(layer) or -1,
    )  # fmt: skip
    for output, kind in zip(present, ("key", "value"), strict=True):
        graph.rename(output, f"present.{kind}.{layer}")
    output_bias = weights[f"{name}.output.bias"] if config.bias_attention_out else None
    return linear(graph, attended, f"{name}.output", weights[f"{name}.output.weight"], output_bias)


def _normed_heads(
    graph: GraphWriter, config: DecoderConfig, weights: Mapping[str, Array], qkv: str, name: str
) -> list[str]:
    """Query and key with each head normed (Qwen3), and value: the kernel itself does that on GPUs alone."""
    wide, narrow = config.heads * config.head_dim, config.key_value_heads * config.head_dim
    sizes = graph.constant("head_sizes", np.array([wide, narrow, narrow], np.int64))
    query, key, value = graph.node_with_outputs("Split", 3, qkv, sizes, axis=-1)
    normed: list[str] = []
    for x, width, part in ((query, wide, "query"), (key, narrow, "key")):
        heads = graph.node("Reshape", x, graph.constant("heads", np.array([0, 0, -1, config.head_dim], np.int64)))
        gamma = _weight(graph, weights, f"{name}.{part}_norm")
        heads = graph.node("SimplifiedLayerNormalization", heads, gamma, axis=-1, epsilon=config.epsilon)
        normed.append(graph.node("Reshape", heads, graph.constant(f"row{width}", np.array([0, 0, width], np.int64))))
    return [*normed, value]


def _feed_forward(graph: GraphWriter, weights: Mapping[str, Array], linear: DecoderLinear, x: str, block: str) -> str:
    """down(silu(gate(x)) · up(x)), SwiGLU (Shazeer 2020). silu(x) = x · sigmoid(x) is QuickGelu with α = 1."""
    name = f"{block}.feed_forward"

    def bias(*parts: str) -> Array | None:
        return np.concatenate([weights[f"{name}.{p}.bias"] for p in parts]) if f"{name}.up.bias" in weights else None

    both = np.concatenate([weights[f"{name}.gate.weight"], weights[f"{name}.up.weight"]])
    product = linear(graph, x, f"{name}.gate_up", both, bias("gate", "up"))
    gate, up = graph.node_with_outputs("Split", 2, product, axis=-1, num_outputs=2)
    inner = graph.node("Mul", graph.node("QuickGelu", gate, domain=ORT_DOMAIN, alpha=1.0), up)
    return linear(graph, inner, f"{name}.down", weights[f"{name}.down.weight"], bias("down"))


def _add_and_norm(graph: GraphWriter, config: DecoderConfig, x: str, added: str, gamma: str) -> tuple[str, str]:
    """norm(x + added), and the sum itself for the next residual branch."""
    normed, _, _, summed = graph.node_with_outputs(
        "SkipSimplifiedLayerNormalization", 4, x, added, gamma, domain=ORT_DOMAIN, epsilon=config.epsilon
    )
    graph.omit(normed, 1, 2)
    return normed, summed


def _weight(graph: GraphWriter, weights: Mapping[str, Array], name: str) -> str:
    return graph.constant(f"{name}.weight", weights[f"{name}.weight"])


def _inputs(config: DecoderConfig) -> list[ValueInfoProto]:
    return [
        floats("words", "batch", "time", config.width),
        helper.make_tensor_value_info("wanted", TensorProto.INT64, ["n"]),
        helper.make_tensor_value_info("used", TensorProto.INT32, ["batch"]),
        helper.make_tensor_value_info("total", TensorProto.INT32, []),
        *_cache(config, "past"),
    ]


def _cache(config: DecoderConfig, when: str) -> list[ValueInfoProto]:
    return [
        floats(f"{when}.{kind}.{layer}", "batch", config.key_value_heads, "room", config.head_dim)
        for layer in range(config.layers)
        for kind in ("key", "value")
    ]
