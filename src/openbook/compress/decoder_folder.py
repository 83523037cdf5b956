"""A decoder's checkpoint to a folder that runs without torch: floats, or blocks of INT8 or INT4."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.compress.blocks import quantise_blocks
from openbook.compress.checkpoint_tokenizer import check_tokenizer
from openbook.compress.checkpoint_weights import open_decoder
from openbook.compress.decoder_graph import check_shape, decoder_graph
from openbook.compress.decoder_largest import largest_activations
from openbook.compress.decoder_linear import BlockLinear, float_decoder_linear
from openbook.compress.graph_writer import initialiser
from openbook.compress.model_folder import write_model_folder
from openbook.compress.quantise import Array
from openbook.compress.smooth_decoder import smoothed
from openbook.errors import OpenbookError
from openbook.model.config import DecoderConfig
from openbook.model.parameter_shapes import parameter_shapes
from openbook.values import Json

Target: TypeAlias = Literal["fp32", "int8", "int4"]

MOST_BYTES = 2_000_000_000
"""An ONNX file of one part ends there."""

ALPHA = 0.5
"""How far outliers move into the weights: to where both are equally large, as the paper does."""

_BITS: dict[Target, Literal[4, 8]] = {"int8": 8, "int4": 4}
_BESIDE = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json")
_LARGEST_BESIDE = 100_000_000


@dataclass(frozen=True, slots=True)
class Compression:
    """to: the numbers that weights are stored in. block: inputs that share a scale. int8_activations: W8A8 (or W4A8);
    else weights alone are rounded. smoothed_on: texts as ids, (time,), that show which channels have outliers to move
    into the weights (SmoothQuant); none moves none.
    """

    to: Target = "int8"
    block: int = 32
    int8_activations: bool = True
    smoothed_on: Sequence[NDArray[np.int64]] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """What a model's folder holds besides: settings of its manifest, and files, such as a card."""

    settings: Mapping[str, Json] = field(default_factory=dict[str, Json])
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


def compress_decoder(source: Path, target: Path, how: Compression, added: Added = Added()) -> None:
    """Write ``target``, all of it or nothing. Raises OpenbookError, BadCheckpoint among them."""
    with open_decoder(source) as (config, weights):
        write_decoder(source, config, weights, target, how, added)


def write_decoder(
    source: Path,
    config: DecoderConfig,
    weights: Mapping[str, Array],
    target: Path,
    how: Compression,
    added: Added = Added(),
) -> None:
    """The same of a checkpoint that is open, ``source`` being its folder."""
    check_tokenizer(source, config.vocabulary)
    check_shape(config)
    check_size(source, config, how.to, how.block)
    beside = {name: _read(source / name) for name in _BESIDE if (source / name).is_file()}
    if how.smoothed_on:
        check_size(source, config, "fp32", how.block, "outliers are looked for in floats, so leave out --smooth")
        largest = largest_activations(config, weights, how.smoothed_on)
        weights = smoothed(weights, config, largest, ALPHA)
    content = _model(config, weights, how)
    shape: dict[str, Json] = {
        "vocabulary": config.vocabulary,
        "width": config.width,
        "layers": config.layers,
        "key_value_heads": config.key_value_heads,
        "head_dim": config.head_dim,
        "context": config.context,
        "bits": _BITS.get(how.to, 32),
        "block": how.block,
        "tied": config.tied,
    }
    settings: dict[str, Json] = {
        "kind": "decoder",
        "family": config.family,
        "shape": shape,
        "activations": "int8" if how.int8_activations and how.to != "fp32" else "float",
        "smoothed": bool(how.smoothed_on),
        "begin": config.begin,
        "ends": list(config.ends),
    }
    write_model_folder(target, {**beside, **added.files, "model.onnx": content}, {**settings, **added.settings})


def _model(config: DecoderConfig, weights: Mapping[str, Array], how: Compression) -> bytes:
    if how.to == "fp32":
        model = decoder_graph(config, weights, float_decoder_linear)
    else:
        model = decoder_graph(config, weights, BlockLinear(_BITS[how.to], how.block, how.int8_activations))
    if not config.tied:  # no node reads it: the engine looks words up by itself
        table = weights["embedding.weight"]
        if how.to == "fp32":
            model.graph.initializer.append(initialiser("words.weight", table))
        else:
            blocks = quantise_blocks(table, _BITS[how.to], how.block)
            parts = {"weight": blocks.packed, "scales": blocks.scales, "zeros": blocks.zeros}
            model.graph.initializer.extend(
                initialiser(f"words.{part}", each) for part, each in parts.items() if each is not None
            )
    return model.SerializeToString()


def check_size(
    source: Path, config: DecoderConfig, to: Target, block: int, remedy: str = "choose fewer bits, or a smaller model"
) -> None:
    """Before any weight is read. Raises OpenbookError where one file cannot hold the model."""
    numbers = sum(int(np.prod(shape)) for shape in parameter_shapes(config).values())
    size = numbers * 4 if to == "fp32" else numbers * (_BITS[to] / 8 + 4 / block)
    if size > MOST_BYTES:
        raise OpenbookError(
            f"{source} would take {size / 1e9:.1f} GB as {to}, and one file holds {MOST_BYTES / 1e9:.0f}: {remedy}"
        )


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_LARGEST_BESIDE + 1)
    if len(content) > _LARGEST_BESIDE:
        raise OpenbookError(f"{path} is larger than {_LARGEST_BESIDE:,} bytes: it is not the file of that name")
    return content
