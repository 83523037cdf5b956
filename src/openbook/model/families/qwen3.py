"""Qwen3 (Yang et al. 2025): Qwen2's windows without its biases, and a norm on every query and key head."""

from collections.abc import Collection

from openbook.model.config import DecoderConfig
from openbook.model.families.family import Family
from openbook.model.families.fields import Fields
from openbook.model.families.llama import IGNORED, MODULES, read_shared, write_shared
from openbook.model.families.qwen2 import read_windows, write_windows
from openbook.values import Json


def _read(fields: Fields, _: Collection[str]) -> DecoderConfig:
    bias = fields.flag("attention_bias", False)
    return read_shared(
        fields,
        family="qwen3",
        head_dim=fields.integer("head_dim", 128),  # where it is not said, not width / heads
        bias_attention_in=bias,
        bias_attention_out=bias,
        query_key_norm=True,
        **read_windows(fields),
    )


def _write(config: DecoderConfig) -> dict[str, Json]:
    return write_shared(config) | write_windows(config) | {"attention_bias": config.bias_attention_in}


QWEN3 = Family("qwen3", "Qwen3ForCausalLM", _read, _write, MODULES, "model.", "lm_head", ignored=IGNORED)
