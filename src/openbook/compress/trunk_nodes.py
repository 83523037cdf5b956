"""The layers of a BERT encoder as ONNX nodes, for every graph that is shipped: one row a run, no padding, no mask.

Normalisation is the standard operator, since onnxruntime's fused ``SkipLayerNormalization`` is much the slower of the
two on a CPU.
"""

from collections.abc import Mapping

import numpy as np

from openbook.compress.bert import Bert, Layer, Norm
from openbook.compress.graph_writer import ORT_DOMAIN, GraphWriter
from openbook.compress.linear_nodes import LinearNodes
from openbook.compress.quantise import Array


def trunk(graph: GraphWriter, bert: Bert, words: str, linear: LinearNodes, divisors: Mapping[str, Array]) -> str:
    """Adds BERT's layers over ``words``, (tokens, hidden). Returns the last layer's output, (tokens, hidden).

    ``graph.shared["length"]`` has to name the number of tokens, (1,). divisors: for the name of a layer normalisation,
    what its channels are divided by (see ``smooth``).
    """
    positions = graph.constant("positions", bert.positions)
    positions = graph.node("Slice", positions, graph.axis(0), graph.shared["length"])

    def norm(x: str, name: str, weights: Norm) -> tuple[str, str, Array]:
        """The output for the residual branch; the same divided for the next product; and by what it was divided."""
        divisor = divisors.get(name, np.ones_like(weights.gamma))
        gamma, beta = weights.gamma / divisor, weights.beta / divisor
        parameters = graph.constant(f"{name}.gamma", gamma), graph.constant(f"{name}.beta", beta)
        divided = graph.node("LayerNormalization", x, *parameters, axis=-1, epsilon=bert.epsilon)
        if name not in divisors:
            return divided, divided, divisor
        return graph.node("Mul", divided, graph.constant(f"{name}.divisor", divisor)), divided, divisor

    x, divided, divisor = norm(graph.node("Add", words, positions), "embedding_norm", bert.embedding_norm)
    for index, layer in enumerate(bert.layers):
        name = f"layer{index}"
        attended = _attention(graph, divided, divisor, layer, bert.heads, name, linear)
        attended = linear(graph, attended, f"{name}.attention_output", layer.attention_output.weight)
        summed = _residual(graph, x, attended, f"{name}.attention_output", layer.attention_output.bias)
        x, divided, divisor = norm(summed, f"{name}.attention_norm", layer.attention_norm)
        raised = linear(graph, divided, f"{name}.up", layer.up.weight * divisor[:, None])
        raised = graph.node("BiasGelu", raised, graph.constant(f"{name}.up.bias", layer.up.bias), domain=ORT_DOMAIN)
        lowered = linear(graph, raised, f"{name}.down", layer.down.weight, after_gelu=True)
        summed = _residual(graph, x, lowered, f"{name}.down", layer.down.bias)
        x, divided, divisor = norm(summed, f"{name}.output_norm", layer.output_norm)
    return x


def _attention(
    graph: GraphWriter, x: str, divisor: Array, layer: Layer, heads: int, name: str, linear: LinearNodes
) -> str:
    """softmax(QKᵀ/√d)V through the fused kernel, which adds the biases too. (tokens, hidden) both ways."""
    qkv = linear(graph, x, f"{name}.qkv", layer.qkv.weight * divisor[:, None])
    parts = graph.node_with_outputs("Split", 3, qkv, axis=1, num_outputs=3)
    batch_of_one = [graph.node("Unsqueeze", part, graph.axis(0)) for part in parts]
    bias = graph.constant(f"{name}.qkv.bias", layer.qkv.bias)
    attended = graph.node("MultiHeadAttention", *batch_of_one, bias, domain=ORT_DOMAIN, num_heads=heads)
    return graph.node("Squeeze", attended, graph.axis(0))


def _residual(graph: GraphWriter, x: str, product: str, name: str, bias: Array) -> str:
    """x + (product + bias)."""
    return graph.node("Add", graph.node("Add", x, product), graph.constant(f"{name}.bias", bias))
