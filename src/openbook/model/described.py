"""What a checkpoint folder says of itself: family, configuration, and tensors by the names of today."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from openbook.model.config import BadCheckpoint, BadShape, DecoderConfig, EncoderConfig
from openbook.model.families import DECODERS, ENCODERS
from openbook.model.families.family import Family
from openbook.model.families.fields import Fields
from openbook.model.weight_files import StoredTensor

HEAD = "unembedding.weight"


@dataclass(frozen=True, slots=True)
class Described:
    """said: config.json. tensors: by the names of today. prefixed: whether they have the family's prefix."""

    said: Fields
    family: Family[Any]
    config: DecoderConfig | EncoderConfig
    tensors: Mapping[str, StoredTensor]
    prefixed: bool


def described(said: Fields, found: Mapping[str, StoredTensor]) -> Described:
    """said: config.json. found: what ``open_weights`` found beside it. Raises BadCheckpoint."""
    family, tensors = _family_of(said, found)
    config = _configuration(family, said, tensors)
    prefixed = any(name.startswith(family.prefix) for name in tensors)
    stored_layers = family.layers(tensors, prefixed=prefixed)
    if stored_layers != config.layers:
        raise BadCheckpoint(
            f"{said.where} asks for {config.layers} layers and the weights hold {stored_layers}: they do not "
            "belong together"
        )
    config = _as_tied(config, family, tensors, prefixed=prefixed)
    return Described(said, family, config, tensors, prefixed)


def transformer_folder(folder: Path) -> Path:
    """The folder itself, or the one within a sentence-transformers folder that holds the transformer."""
    if (folder / "config.json").exists() or not (folder / "modules.json").exists():
        return folder
    inner = folder / "0_Transformer"
    if not inner.is_dir():
        raise BadCheckpoint(f"{folder} has no config.json, and no 0_Transformer either: give the folder that has one")
    return inner


def _family_of(said: Fields, found: Mapping[str, StoredTensor]) -> tuple[Family[Any], dict[str, StoredTensor]]:
    """The family that config.json names, and the tensors under the names that it uses today."""
    known = {**DECODERS, **ENCODERS}
    said.refuse("quantization_config")
    family = known[said.one_of("model_type", sorted(known))]
    tensors: dict[str, StoredTensor] = {}
    for name, tensor in found.items():
        for old, new in family.renamed:
            name = re.sub(old, new, name)  # noqa: PLW2901
        tensors[name] = tensor
    return family, tensors


def _configuration(
    family: Family[Any], said: Fields, tensors: Mapping[str, StoredTensor]
) -> DecoderConfig | EncoderConfig:
    try:
        return family.read(said, tensors.keys())
    except BadShape as error:
        raise BadCheckpoint(f"{said.where} describes no model: {error}") from error


def _as_tied(
    config: DecoderConfig | EncoderConfig, family: Family[Any], tensors: dict[str, StoredTensor], *, prefixed: bool
) -> DecoderConfig | EncoderConfig:
    """Output weights that are stored and differ from the embedding are not tied, whatever config.json says.

    transformers does so too. And where they alone are stored, they are the embedding.
    """
    if isinstance(config, EncoderConfig) or not config.tied:
        return config
    embedding, head = (family.stored([(name, 2)], prefixed=prefixed)[0].name for name in ("embedding.weight", HEAD))
    if head not in tensors:
        return config
    if embedding not in tensors:
        tensors[embedding] = tensors.pop(head)
        return config
    same = tensors[head].shape == tensors[embedding].shape
    same = same and bool((tensors[head].read() == tensors[embedding].read()).all())
    return config if same else replace(config, tied=False)
