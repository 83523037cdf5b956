"""The two files of an adapter as PEFT writes them, read with nothing trusted: pickles and what plain LoRA is not are
refused, as are matrices that do not belong together."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import safetensors
import torch
from safetensors.torch import load as from_bytes  # pyright: ignore[reportUnknownVariableType]
from torch import Tensor

from openbook.train.lora_layer import Setting
from openbook.train.lora_targets import BadLora, LoraConfig

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PREFIX = "base_model.model."
_LARGEST_CONFIG = 1 << 20
_MEANT_OTHERWISE = {  # settings with which A and B mean something else, or are not all there is
    "use_dora": False,
    "bias": "none",
    "lora_bias": False,
    "modules_to_save": None,
    "layer_replication": None,
    "trainable_token_indices": None,
    "target_parameters": None,
    "use_qalora": False,
    "use_bdlora": None,
    "alora_invocation_tokens": None,
    "arrow_config": None,
    "kasa_config": None,
    "velora_config": None,
    "monteclora_config": None,
    "megatron_config": None,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One adapted layer of a file. a: (rank, in); b: (out, rank)."""

    a: Tensor
    b: Tensor
    setting: Setting


@dataclass(frozen=True, slots=True)
class Described:
    """What an adapter's files say, without its base. layers: how many; targets: the last parts of their names."""

    base: str | None
    ranks: tuple[int, ...]
    scales: tuple[float, ...]
    dropout: float
    layers: int
    targets: tuple[str, ...]
    parameters: int


def described(folder: Path) -> Described:
    """What is in an adapter's folder. Raises BadLora as ``load`` does."""
    config = read_config(folder)
    pairs = read_pairs(folder, config)
    base = config.get("base_model_name_or_path")
    return Described(
        base=base if isinstance(base, str) else None,
        ranks=tuple(sorted({pair.a.shape[0] for pair in pairs.values()})),
        scales=tuple(sorted({pair.setting.scale(pair.a.shape[0]) for pair in pairs.values()})),
        dropout=float(config.get("lora_dropout") or 0.0),
        layers=len(pairs),
        targets=tuple(sorted({layer.rpartition(".")[2] for layer in pairs})),
        parameters=sum(pair.a.numel() + pair.b.numel() for pair in pairs.values()),
    )


def read_config(folder: Path) -> dict[str, Any]:
    """``adapter_config.json``, refused where it asks for what plain LoRA is not."""
    path = folder / CONFIG
    try:
        if path.stat().st_size > _LARGEST_CONFIG:
            raise BadLora(f"{path} is larger than any adapter's configuration: check that it is one")
        config: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadLora(
            f"{path} cannot be read as an adapter's configuration ({_first_line(error)}): save it again"
        ) from error
    if not isinstance(config, dict) or cast("dict[str, Any]", config).get("peft_type") != "LORA":
        raise BadLora(f"{path} does not describe a LoRA adapter: its peft_type must be LORA; give another folder")
    config = cast("dict[str, Any]", config)
    for key, plain in _MEANT_OTHERWISE.items():
        if config.get(key, plain) not in (plain, None, False, [], {}):
            raise BadLora(f"{path} sets {key}, which plain LoRA cannot follow: merge the adapter with PEFT instead")
    start = str(config.get("init_lora_weights", True)).lower()
    if start.startswith(("pissa", "olora", "corda", "loftq", "lora_ga")):
        raise BadLora(f"{path} was made by {start}, which changed the base too: save it from PEFT as plain LoRA first")
    try:
        LoraConfig(int(config.get("r", 8)), float(config.get("lora_alpha", 8)), float(config.get("lora_dropout") or 0))
    except (TypeError, ValueError) as error:
        raise BadLora(
            f"{path} holds {_first_line(error)}: r, lora_alpha and lora_dropout must be numbers; save it again"
        ) from error
    return config


def read_pairs(folder: Path, config: Mapping[str, Any]) -> dict[str, Pair]:
    """Each adapted layer of the file by PEFT's path without its prefix."""
    path = folder / WEIGHTS
    try:
        tensors = from_bytes(path.read_bytes())  # not mapped: the file may be written anew while it is in use
    except (OSError, safetensors.SafetensorError) as error:
        hint = (
            "; take another copy of it"
            if path.exists()
            else "; pickled adapters (.bin) are not read: save it from PEFT as safetensors"
        )
        raise BadLora(f"{path} cannot be read as safetensors: {_first_line(error)}{hint}") from error
    halves: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        found = re.fullmatch(r"(.+)\.lora_(?:embedding_)?([AB])(?:\.weight)?", key)
        if found is None:
            if key.endswith(".base_layer.weight"):  # PEFT adds the embedding itself where it is a target
                continue
            raise BadLora(f"{path} holds {key}, which is not a LoRA matrix: save the adapter without it")
        if tensor.ndim != 2 or not tensor.is_floating_point() or not torch.isfinite(tensor).all():
            raise BadLora(f"{path}: {key} is not a matrix of finite numbers: take an earlier copy, or train it again")
        halves.setdefault(found[1].removeprefix(PREFIX), {})[found[2]] = tensor.float()
    if not halves:
        raise BadLora(f"{path} holds no LoRA matrix: check that the training wrote its adapter")
    pairs: dict[str, Pair] = {}
    for layer, half in halves.items():
        if set(half) != {"A", "B"} or half["A"].shape[0] != half["B"].shape[1]:
            raise BadLora(
                f"{path}: the A and B of {layer} are not both there with one rank: take another copy of the file"
            )
        alpha = _of_pattern(config.get("alpha_pattern"), layer, float(config.get("lora_alpha", 8)))
        setting = Setting(alpha, float(config.get("lora_dropout") or 0.0), bool(config.get("use_rslora")))
        pairs[layer] = Pair(half["A"], half["B"], setting)
    return pairs


def _of_pattern(patterns: object, layer: str, otherwise: float) -> float:
    """PEFT's rank_pattern and alpha_pattern: the first name that ends the layer's path. Only plain names are read."""
    if not isinstance(patterns or {}, dict):
        raise BadLora(
            "alpha_pattern is no table of layer names and numbers: mend adapter_config.json, or save the adapter again"
        )
    for pattern, value in cast("dict[str, Any]", patterns or {}).items():
        plain = pattern.removeprefix("^").replace("\\.", ".")
        if not re.fullmatch(r"[\w.-]+", plain):
            raise BadLora(
                f"alpha_pattern holds {pattern!r}: name layers plainly, since regular expressions are not followed"
            )
        if layer == plain or (not pattern.startswith("^") and layer.endswith("." + plain)):
            if not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise BadLora(f"alpha_pattern says {value!r} for {pattern}, and must say a number above 0: mend it")
            return value
    return otherwise


def _first_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0] or type(error).__name__
