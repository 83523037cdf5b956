"""Mistral (Jiang et al. 2023): Llama with a sliding window in every layer."""

from collections.abc import Collection

from openbook.model.config import BadCheckpoint, DecoderConfig
from openbook.model.families.family import Family
from openbook.model.families.fields import Fields
from openbook.model.families.llama import IGNORED, MODULES, read_shared, write_shared
from openbook.values import Json

_WINDOW = 4096  # where config.json does not say; null says that there is none


def _read(fields: Fields, _: Collection[str]) -> DecoderConfig:
    if len(set(fields.strings("layer_types") or ())) > 1:
        raise BadCheckpoint(f"{fields.where} mixes layer types: this is not Mistral but a later family")
    return read_shared(fields, family="mistral", window=fields.optional_integer("sliding_window", _WINDOW))


def _write(config: DecoderConfig) -> dict[str, Json]:
    return write_shared(config) | {"sliding_window": config.window}


MISTRAL = Family("mistral", "MistralForCausalLM", _read, _write, MODULES, "model.", "lm_head", ignored=IGNORED)
