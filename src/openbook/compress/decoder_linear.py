"""x @ Wᵀ + b of a decoder in an ONNX graph: in floats, or with weights in blocks of INT8 or INT4.

Decoding reads every weight once a token, so its speed is that of memory: a byte a weight instead of four is the gain.
The kernel rounds each block of x to INT8 as well and adds whole numbers (W8A8), or keeps x in floats (weights alone).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from openbook.compress.blocks import quantise_blocks
from openbook.compress.graph_writer import ORT_DOMAIN, GraphWriter
from openbook.compress.quantise import Array, Bits

FLOAT_ACTIVATIONS, INT8_ACTIVATIONS = 1, 4
"""MatMulNBits' accuracy_level."""


class DecoderLinear(Protocol):
    def __call__(self, graph: GraphWriter, x: str, name: str, weight: Array, bias: Array | None = None) -> str:
        """Adds x @ weightᵀ + bias. x: (..., in); weight: (out, in). Returns (..., out)."""
        ...


def float_decoder_linear(graph: GraphWriter, x: str, name: str, weight: Array, bias: Array | None = None) -> str:
    product = graph.node("MatMul", x, graph.constant(f"{name}.weight", weight.T))
    return product if bias is None else graph.node("Add", product, graph.constant(f"{name}.bias", bias))


@dataclass(frozen=True, slots=True)
class BlockLinear:
    """bits, block: of the weights. int8_activations: products of whole numbers; else x stays as it is."""

    bits: Bits
    block: int
    int8_activations: bool = True

    def __call__(self, graph: GraphWriter, x: str, name: str, weight: Array, bias: Array | None = None) -> str:
        blocks = quantise_blocks(weight, self.bits, self.block)
        inputs = [x, graph.constant(f"{name}.weight", blocks.packed), graph.constant(f"{name}.scales", blocks.scales)]
        if blocks.zeros is not None or bias is not None:
            inputs.append("" if blocks.zeros is None else graph.constant(f"{name}.zeros", blocks.zeros))
        if bias is not None:
            inputs += ["", graph.constant(f"{name}.bias", bias.astype(np.float32))]
        return graph.node(
            "MatMulNBits",
            *inputs,
            domain=ORT_DOMAIN,
            K=blocks.inputs,
            N=len(blocks.packed),
            bits=self.bits,
            block_size=self.block,
            accuracy_level=INT8_ACTIVATIONS if self.int8_activations else FLOAT_ACTIVATIONS,
        )
