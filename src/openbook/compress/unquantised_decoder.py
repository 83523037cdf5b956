"""A compressed decoder's weights back in floats, by the names of ``Decoder.named_parameters``: what INT8 kept of them.

Each weight is the number that its block's product stands for, so that in floats the model says what the folder says.
SmoothQuant needs no undoing: it moved outliers within the model, which in floats says the same as before.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from openbook.compress.blocks import BLOCKS, Blocks
from openbook.compress.graph_config import graph_config
from openbook.compress.onnx_file import OnnxFile, read_onnx
from openbook.compress.quantise import Array
from openbook.errors import OpenbookError
from openbook.manifests import MANIFEST, read_manifest, verified
from openbook.model.config import BadCheckpoint, DecoderConfig
from openbook.model.parameter_shapes import parameter_shapes

MODEL = "model.onnx"
_AGAIN = "make it again with openbook compress"


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
    config = graph_config(file, manifest)
    wide, narrow = config.heads * config.head_dim, config.key_value_heads * config.head_dim
    bits = int(manifest["shape"]["bits"])
    table = _table(file, "head" if config.tied else "words", config.width, bits)
    weights = {"embedding.weight": table, "norm.weight": _float(file, "norm.weight")}
    if not config.tied:
        weights["unembedding.weight"] = _table(file, "head", config.width, bits)
    for layer in range(config.layers):
        block = f"blocks.{layer}"
        heads = [f"attention.{part}_norm" for part in ("query", "key")] if config.query_key_norm else []
        for norm in ("attention_norm", "feed_forward_norm", *heads):
            weights[f"{block}.{norm}.weight"] = _float(file, f"{block}.{norm}.weight")
        for product, inputs, parts in (
            ("attention.qkv", config.width, {"query": wide, "key": narrow, "value": narrow}),
            ("attention.output", wide, {"output": config.width}),
            ("feed_forward.gate_up", config.width, {"gate": config.inner, "up": config.inner}),
            ("feed_forward.down", config.inner, {"down": config.width}),
        ):
            name = f"{block}.{product}"
            whole = {"weight": _table(file, name, inputs, bits)}
            if f"{name}.bias" in file.tensors:
                whole["bias"] = _float(file, f"{name}.bias")
            cuts = np.cumsum(list(parts.values()))[:-1]
            for kind, array in whole.items():
                for part, rows in zip(parts, np.split(array, cuts), strict=True):
                    weights[f"{name.rpartition('.')[0]}.{part}.{kind}"] = rows
    wanted = parameter_shapes(config)
    if wrong := [name for name, each in wanted.items() if name not in weights or weights[name].shape != each]:
        raise ValueError(f"{wrong[0]} is missing or of another shape")
    if strange := weights.keys() - wanted.keys():
        raise ValueError(f"{min(strange)} is not of its shape")
    return config, weights


def _table(file: OnnxFile, name: str, inputs: int, bits: int) -> Array:
    """A matrix as (out, in). In floats a product's is stored turned, and words that no product reads are not."""
    weight = file.tensors[f"{name}.weight"]
    if bits == 32:
        weight = _float(file, f"{name}.weight")
        return np.ascontiguousarray(weight if name == "words" else weight.T)
    scales, zeros = _float(file, f"{name}.scales"), file.tensors.get(f"{name}.zeros")
    block = weight.shape[2] * 8 // bits if bits in (4, 8) else 0
    if weight.dtype != np.uint8 or block not in BLOCKS or weight.shape[1] != -(-inputs // block):
        raise ValueError(f"{name} is not in blocks of INT8 or INT4 that fit {inputs} inputs")
    return np.ascontiguousarray(Blocks(weight, scales, zeros, inputs, 4 if bits == 4 else 8).dequantise())


def _float(file: OnnxFile, name: str) -> Array:
    """Raises ValueError for anything but finite FP32 numbers."""
    found = file.tensors[name]
    if found.dtype != np.float32 or not np.isfinite(found).all():
        raise ValueError(f"{name} does not hold finite FP32 numbers")
    return found.copy()
