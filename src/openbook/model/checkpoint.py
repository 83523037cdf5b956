"""Weights in and out, in Hugging Face layout: config.json beside model.safetensors.

What is read is checked against the file's own headers before any memory is taken: a config.json that asks for a model
other than the one stored is refused in one line.
"""

import json
from collections.abc import Mapping
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any

import torch

from openbook.errors import MissingExtra, OpenbookError
from openbook.model.config import BadCheckpoint, DecoderConfig, EncoderConfig
from openbook.model.decoder import Decoder
from openbook.model.described import HEAD, described, transformer_folder
from openbook.model.encoder import Encoder
from openbook.model.families import DECODERS, ENCODERS
from openbook.model.families.family import Family
from openbook.model.families.fields import Fields, read_fields
from openbook.model.fit import Model, check_names, check_shapes, dtype_of, expected, fill, joined
from openbook.model.folder_swap import replace_files
from openbook.model.weight_files import INDEX, WHOLE, StoredTensor, open_weights, shards
from openbook.values import Json

_DTYPES = {"float64": torch.float64, "float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def load(folder: Path | str, *, dtype: torch.dtype | None = None) -> tuple[Model, DecoderConfig | EncoderConfig]:
    """The model in a folder, in evaluation mode, and its configuration.

    folder: of a checkpoint of bert, gpt2, llama, mistral, qwen2 or qwen3, or of sentence-transformers around a BERT.
    dtype: of the weights; by default the one that config.json names, or else that of the stored embedding. Raises
    BadCheckpoint.
    """
    folder = transformer_folder(Path(folder))
    said = read_fields(folder / "config.json")
    with open_weights(folder) as found:
        what = described(said, found)
        family, config, tensors = what.family, what.config, what.tensors
        model = _without_memory(config)
        wanted = expected(model, family, prefixed=what.prefixed)
        check_names(said.where, family, wanted, tensors, tied=isinstance(config, DecoderConfig) and config.tied)
        check_shapes(said.where, model, wanted, tensors)
        dtype = dtype or _dtype(said, tensors[wanted[0].name])
        fill(model, wanted, tensors, dtype)
    return model.eval(), config


def save(folder: Path | str, model: Model) -> None:
    """Write config.json and model.safetensors, all or nothing, in the layout of ``model.config.family``.

    Where that family cannot say the configuration (a window in a Llama), the first that can is written. Other files in
    the folder stay. Raises BadCheckpoint.
    """
    try:
        import safetensors.torch as untyped
    except ImportError:
        raise MissingExtra("writing a checkpoint", "train") from None
    safetensors: Any = untyped
    folder = Path(folder)
    family = _family_for(model.config)
    state = {name: tensor.detach() for name, tensor in model.state_dict().items()}
    if isinstance(model.config, DecoderConfig) and model.config.tied:
        del state[HEAD]
    described: dict[str, Json] = {"architectures": [family.architecture], "model_type": family.name}
    described |= family.write(model.config)
    name = str(next(iter(state.values())).dtype).removeprefix("torch.")
    described |= {"dtype": name, "torch_dtype": name}  # transformers 5 reads the first, earlier versions the second
    if strange := sorted(state.keys() - _without_memory(model.config).state_dict().keys()):
        raise BadCheckpoint(f"the model has {strange[0]}, which no checkpoint has room for: merge or remove it first")
    wanted = family.stored(((name, tensor.ndim) for name, tensor in state.items()), prefixed=family.written)
    superseded = shards(folder) if (folder / INDEX).exists() else []

    def write(partial: Path) -> None:
        tensors = {each.name: joined(each, state) for each in wanted}
        safetensors.save_file(tensors, partial / WHOLE, metadata={"format": "pt"})
        (partial / "config.json").write_text(_json(described), encoding="utf-8")
        (partial / WHOLE).chmod((partial / "config.json").stat().st_mode)  # safetensors lets none but the owner read

    replace_files(folder, write, last="config.json")
    for name in (*superseded, *([INDEX] if superseded else [])):
        (folder / name).unlink(missing_ok=True)


def _without_memory(config: DecoderConfig | EncoderConfig) -> Model:
    with torch.device("meta"):
        return Decoder(config) if isinstance(config, DecoderConfig) else Encoder(config)


def _dtype(said: Fields, embedding: StoredTensor) -> torch.dtype:
    named = said.values.get("dtype") or said.values.get("torch_dtype")
    return _DTYPES[named] if isinstance(named, str) and named in _DTYPES else dtype_of(embedding)


def _family_for(config: DecoderConfig | EncoderConfig) -> Family[Any]:
    """The first family, the configuration's own before all, whose config.json says the same when it is read again."""
    if isinstance(config, EncoderConfig):
        candidates: list[Family[Any]] = list(ENCODERS.values())
    else:
        candidates = sorted(DECODERS.values(), key=lambda family: family.name != config.family)
    names = ["pooler.dense.weight"] if isinstance(config, EncoderConfig) and config.pooler else []
    differing: list[str] = []
    for family in candidates:
        try:
            again = family.read(Fields(json.loads(_json(family.write(config))), "the configuration"), names)
        except OpenbookError:
            continue
        compared = [each.name for each in fields_of(config) if each.compare]
        differs = [name for name in compared if getattr(again, name) != getattr(config, name)]
        if not differs:
            return family
        differing = differing or [f"a {family.name} differs in {', '.join(differs)}"]
    raise BadCheckpoint(f"no checkpoint family has this shape ({'; '.join(differing)}): change the configuration")


def _json(values: Mapping[str, Json]) -> str:
    return json.dumps(values, indent=2, sort_keys=True) + "\n"
