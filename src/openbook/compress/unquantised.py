"""The shipped encoder's weights back in floats: what INT8 kept of them, on the names of the paper.

Nothing is gained that quantising lost; but each weight is again the number that the INT8 products stand for, and
SmoothQuant's divisors, powers of two, are multiplied back without rounding (see ``compress/smooth.py``).
"""

from pathlib import Path

import numpy as np

from openbook.compress.bert import Bert, Layer, Linear, Norm
from openbook.compress.onnx_file import OnnxFile, read_onnx
from openbook.compress.quantise import Array
from openbook.errors import OpenbookError


def unquantised(path: Path) -> Bert:
    """The encoder in a model.onnx that openbook made. Raises OpenbookError where it is of another make."""
    file = read_onnx(path)
    try:
        return _bert(file)
    except (KeyError, ValueError) as error:
        raise OpenbookError(f"{path} is not an encoder that openbook made ({error}): give one that is") from error


def _bert(file: OnnxFile) -> Bert:
    tensors = file.tensors

    def divisor(norm: str) -> Array:
        return tensors.get(f"{norm}.divisor", np.ones(1, dtype=np.float32))

    def norm(name: str) -> Norm:
        return Norm(tensors[f"{name}.gamma"] * divisor(name), tensors[f"{name}.beta"] * divisor(name))

    def linear(name: str, after: str = "") -> Linear:
        """after: the normalisation whose divided output it takes."""
        weight = tensors[f"{name}.weight"]
        if f"{name}.scales" in tensors:
            weight = weight.astype(np.float32) * tensors[f"{name}.scales"]
        return Linear(weight / divisor(after)[:, None] if after else weight, tensors[f"{name}.bias"])

    def layer(index: int) -> Layer:
        here = f"layer{index}"
        before = f"layer{index - 1}.output_norm" if index else "embedding_norm"
        return Layer(
            qkv=linear(f"{here}.qkv", before),
            attention_output=linear(f"{here}.attention_output"),
            attention_norm=norm(f"{here}.attention_norm"),
            up=linear(f"{here}.up", f"{here}.attention_norm"),
            down=linear(f"{here}.down"),
            output_norm=norm(f"{here}.output_norm"),
        )

    words = tensors["words"]
    if "words.scales" in tensors:
        words = words.astype(np.float32) * tensors["words.scales"]
    return Bert(
        words=words,
        positions=tensors["positions"],
        embedding_norm=norm("embedding_norm"),
        layers=tuple(layer(index) for index in range(sum(name.endswith(".qkv.weight") for name in tensors))),
        heads=int(file.settings("MultiHeadAttention")[0]["num_heads"]),
        epsilon=float(file.settings("LayerNormalization")[0]["epsilon"]),
    )
