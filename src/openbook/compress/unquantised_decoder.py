"""A compressed decoder's weights back in floats, by the names of ``Decoder.named_parameters``: what INT8 kept of them.

Each weight is the number that its block's product stands for, so that in floats the model says what the folder says.
SmoothQuant needs no undoing: it moved outliers within the model, which in floats says the same as before. The shape is
read from the graph, and the base of the rotary angles from their table, where nothing stretched it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from openbook.compress.blocks import Blocks
from openbook.compress.onnx_file import OnnxFile, read_onnx
from openbook.compress.quantise import Array
from openbook.compress.rotary_table import rotary_table
from openbook.errors import OpenbookError
from openbook.manifests import MANIFEST, read_manifest, verified
from openbook.model.config import BadCheckpoint, DecoderConfig
from openbook.model.parameter_shapes import parameter_shapes

MODEL = "model.onnx"
_AGAIN = "make it again with openbook compress"
_NEAR = 5e-7
"""How far off, for each position, an angle may be that was computed elsewhere: a few times FP32's last digit."""


def is_compressed(folder: Path) -> bool:
    """Whether the folder is one of a compressed model, of whatever kind."""
    return (folder / MANIFEST).is_file() and (folder / MODEL).is_file()


def unquantised_decoder(folder: Path) -> tuple[DecoderConfig, dict[str, Array]]:
    """Shape and FP32 weights of a folder that ``decoder_folder`` wrote.

    Raises OpenbookError for another, one that was changed since, and one whose rotary angles are stretched.
    """
    manifest = read_manifest(folder / MANIFEST, _AGAIN)
    if manifest.get("kind") != "decoder":
        raise BadCheckpoint(f"{folder} holds no compressed language model: give the folder of one")
    for name in (MODEL, "tokenizer.json"):
        verified(folder, name, manifest, _AGAIN)
    file = read_onnx(folder / MODEL)
    try:
        return _decoder(file, manifest)
    except BadCheckpoint as error:
        raise BadCheckpoint(f"{folder / MODEL}: {error}") from error
    except (IndexError, KeyError, TypeError, ValueError, OpenbookError) as error:
        raise BadCheckpoint(f"{folder / MODEL} is no decoder that openbook compressed ({error}): give one") from error


def _decoder(file: OnnxFile, manifest: Mapping[str, Any]) -> tuple[DecoderConfig, dict[str, Array]]:
    config = _config(file, manifest)
    wide, narrow = config.heads * config.head_dim, config.key_value_heads * config.head_dim
    bits = int(manifest["shape"]["bits"])
    table = _table(file, "head" if config.tied else "words", config.width, bits)
    weights = {"embedding.weight": table, "norm.weight": _float(file, "norm.weight")}
    if not config.tied:
        weights["unembedding.weight"] = _table(file, "head", config.width, bits)
    for layer in range(config.layers):
        block = f"blocks.{layer}"
        attention, feed = f"{block}.attention", f"{block}.feed_forward"
        normed = [f"{attention}.{part}_norm" for part in ("query", "key")] if config.query_key_norm else []
        for name in (f"{attention}_norm", f"{feed}_norm", *normed):
            weights[f"{name}.weight"] = _float(file, f"{name}.weight")
        for product, inputs, parts in (
            ("attention.qkv", config.width, {"query": wide, "key": narrow, "value": narrow}),
            ("attention.output", wide, {"output": config.width}),
            ("feed_forward.gate_up", config.width, {"gate": config.inner, "up": config.inner}),
            ("feed_forward.down", config.inner, {"down": config.width}),
        ):
            room, name = product.split(".")[0], f"{block}.{product}"
            cuts = np.cumsum(list(parts.values()))[:-1]
            for kind in ("weight", "bias"):
                if kind == "bias" and f"{name}.bias" not in file.tensors:
                    continue
                whole = _table(file, name, inputs, bits) if kind == "weight" else _float(file, f"{name}.bias")
                for part, rows in zip(parts, np.split(whole, cuts), strict=True):
                    weights[f"{block}.{room}.{part}.{kind}"] = rows
    wanted = parameter_shapes(config)
    if wrong := [name for name, each in wanted.items() if name not in weights or weights[name].shape != each]:
        raise ValueError(f"{wrong[0]} is missing or of another shape")
    if strange := weights.keys() - wanted.keys():
        raise ValueError(f"{min(strange)} is not of its shape")
    return config, weights


def _config(file: OnnxFile, manifest: Mapping[str, Any]) -> DecoderConfig:
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
        inner=_outputs(file, f"{first}.feed_forward.gate_up", int(shape["bits"])) // 2,
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


def _table(file: OnnxFile, name: str, inputs: int, bits: int) -> Array:
    """A matrix as (out, in). In floats a product's is stored turned, and words that no product reads are not."""
    weight = file.tensors[f"{name}.weight"]
    if bits == 32:
        weight = _float(file, f"{name}.weight")
        return np.ascontiguousarray(weight if name == "words" else weight.T)
    scales, zeros = _float(file, f"{name}.scales"), file.tensors.get(f"{name}.zeros")
    if weight.dtype != np.uint8 or bits not in (4, 8):
        raise ValueError(f"{name} is not in blocks of INT8 or INT4")
    return np.ascontiguousarray(Blocks(weight, scales, zeros, inputs, 4 if bits == 4 else 8).dequantise())


def _outputs(file: OnnxFile, name: str, bits: int) -> int:
    return file.tensors[f"{name}.weight"].shape[1 if bits == 32 else 0]


def _float(file: OnnxFile, name: str) -> Array:
    """Raises ValueError for anything but finite FP32 numbers."""
    found = file.tensors[name]
    if found.dtype != np.float32 or not np.isfinite(found).all():
        raise ValueError(f"{name} does not hold finite FP32 numbers")
    return found.copy()
