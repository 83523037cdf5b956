"""A compressed decoder's shape, told from its graph: what its manifest leaves out stands in nodes and tables.

The base of the rotary angles is read from their table, where nothing stretched them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from openbook.compress.onnx_file import OnnxFile
from openbook.compress.quantise import Array
from openbook.compress.rotary_table import rotary_table
from openbook.model.config import BadCheckpoint, DecoderConfig

_NEAR = 5e-7
"""How far off, for each position, an angle may be that was computed elsewhere: a few times FP32's last digit."""


def graph_config(file: OnnxFile, manifest: Mapping[str, Any]) -> DecoderConfig:
    """The shape of the decoder in a file that ``decoder_graph`` wrote. manifest: of its folder.

    Raises BadCheckpoint for stretched angles; KeyError, IndexError, TypeError, ValueError or BadShape for another file.
    """
    tensors, shape = file.tensors, manifest["shape"]
    cosine, sine = tensors["cosine"], tensors["sine"]
    attention = file.settings("GroupQueryAttention")
    windows = [int(each["local_window_size"]) for each in attention]
    seeing = sorted({each for each in windows if each > 0})
    if len(seeing) > 1:
        raise ValueError("layers with windows of several sizes")
    windowed = tuple(layer for layer, each in enumerate(windows) if each > 0)
    first = "blocks.0"
    epsilon = file.settings("SimplifiedLayerNormalization")[0]["epsilon"]
    head_dim = 2 * cosine.shape[1]
    return DecoderConfig(
        vocabulary=int(shape["vocabulary"]),
        width=len(tensors["norm.weight"]),
        layers=len(attention),
        heads=int(attention[0]["num_heads"]),
        inner=tensors[f"{first}.feed_forward.gate_up.weight"].shape[int(shape["bits"]) == 32] // 2,  # floats are turned
        context=len(cosine),
        key_value_heads=int(attention[0]["kv_num_heads"]),
        head_dim=head_dim,
        theta=_theta(cosine, sine),
        epsilon=float(str(np.float32(epsilon))),  # the shortest decimal of the same number
        tied=bool(shape["tied"]),
        bias_attention_in=f"{first}.attention.qkv.bias" in tensors,
        bias_attention_out=f"{first}.attention.output.bias" in tensors,
        bias_feed_forward=f"{first}.feed_forward.down.bias" in tensors,
        query_key_norm=f"{first}.attention.query_norm.weight" in tensors,
        window=seeing[0] if seeing else None,
        windowed=windowed if seeing else None,
        begin=manifest["begin"],
        ends=tuple(int(each) for each in manifest["ends"]),
        family=str(manifest["family"]),
    )


def _theta(cosine: Array, sine: Array) -> float:
    """θ of pᵢ = position · θ^(-2i / head_dim), from the slowest pair's angle at position 1: the shortest decimal that
    gives the whole table. Raises BadCheckpoint where none does.
    """
    head_dim = 2 * cosine.shape[1]
    slowest = np.arctan2(np.float64(sine[1, -1]), np.float64(cosine[1, -1]))
    near = _NEAR * (1 + np.arange(len(cosine))[:, None])
    estimate = float(slowest ** (-head_dim / (head_dim - 2)))
    for digits in range(8):
        theta = float(f"{estimate:.{digits}e}")
        if abs(theta / estimate - 1) > 1e-6:
            continue
        plain = rotary_table(DecoderConfig(1, head_dim, 1, 1, 1, len(cosine), theta=theta))
        if all((np.abs(a - b) <= near).all() for a, b in zip(plain, (cosine, sine), strict=True)):
            return theta
    raise BadCheckpoint(
        "its rotary angles are stretched for longer texts, in a way that their table does not tell: start from the "
        "checkpoint that it was compressed from"
    )
