"""Qwen2 and 2.5 (Yang et al. 2024): Llama with biases on query, key and value, and windows in some layers."""

from collections.abc import Collection
from typing import Any

from openbook.model.config import BadCheckpoint, DecoderConfig
from openbook.model.families.family import Family
from openbook.model.families.fields import Fields
from openbook.model.families.llama import IGNORED, MODULES, read_shared, write_shared
from openbook.values import Json

_FULL, _SLIDING = "full_attention", "sliding_attention"


def read_windows(fields: Fields) -> dict[str, Any]:
    """window and windowed: layer_types where it stands, else every layer from max_window_layers on."""
    layers = fields.integer("num_hidden_layers")
    types = fields.strings("layer_types")
    if types is not None and (len(types) != layers or set(types) - {_FULL, _SLIDING}):
        raise BadCheckpoint(
            f"layer_types in {fields.where} must name {_FULL} or {_SLIDING} for each of {layers} layers"
        )
    if not fields.flag("use_sliding_window", False):
        if _SLIDING in (types or ()):
            raise BadCheckpoint(f"{fields.where} has layers of {_SLIDING} but use_sliding_window is not true: set it")
        return {}
    window = fields.optional_integer("sliding_window", 4096)
    first = fields.integer("max_window_layers", 28, low=0)
    sliding = range(first, layers) if types is None else (i for i, kind in enumerate(types) if kind == _SLIDING)
    return {"window": window, "windowed": tuple(sliding)}


def write_windows(config: DecoderConfig) -> dict[str, Json]:
    """The same in both spellings: transformers before 4.52 knows max_window_layers alone."""
    sliding = [config.window_of(layer) is not None for layer in range(config.layers)]
    return {
        "use_sliding_window": any(sliding),
        "sliding_window": config.window,
        "max_window_layers": sliding.index(True) if any(sliding) else config.layers,
        "layer_types": [_SLIDING if each else _FULL for each in sliding],
    }


def _read(fields: Fields, _: Collection[str]) -> DecoderConfig:
    return read_shared(fields, family="qwen2", bias_attention_in=True, **read_windows(fields))


def _write(config: DecoderConfig) -> dict[str, Json]:
    return write_shared(config) | write_windows(config)


QWEN2 = Family("qwen2", "Qwen2ForCausalLM", _read, _write, MODULES, "model.", "lm_head", ignored=IGNORED)
