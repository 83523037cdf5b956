"""Adapters in PEFT's format, both ways: ``adapter_config.json`` and ``adapter_model.safetensors``.

What we write loads in PEFT, and what PEFT wrote loads here, with equal outputs. The one shape that differs is GPT-2's
``c_attn``, one layer for query, key and value there and three here. Going out, three adapters become one: equal As are
written once, different ones stacked (the rank grows to their sum, and alpha with it, so that the scale stays), and B
has a block for each. Coming in, the three share the one A and each takes its rows of B.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import safetensors
import torch
from safetensors.torch import load as from_bytes  # pyright: ignore[reportUnknownVariableType]
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]
from torch import Tensor, nn

from openbook.train import lora
from openbook.train.lora import BadLora, LoraConfig
from openbook.train.lora_layer import LoraEmbedding, LoraLayer, Setting
from openbook.train.peft_names import WRAPPERS, adaptable, family_of, our_paths, pairs_of_paths, shape_of, short_names

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_PREFIX = "base_model.model."
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


def save(folder: Path, model: nn.Module, name: str = "default", *, base: str | None = None) -> None:
    """Write one adapter of the model as PEFT does. base: the base model's name or folder, for whoever loads it.

    Both files are written under temporary names and renamed, so that a reader never meets half of one.
    """
    if name not in lora.names(model):
        raise BadLora(f"no adapter is called {name!r}: this model holds {', '.join(lora.names(model)) or 'none'}")
    layers = {path: layer for path, layer in lora.layers_of(model).items() if name in layer.settings}
    pairs = {theirs: _joined(model, theirs, paths, layers, name) for theirs, paths in _by_their_path(model, layers)}
    tensors: dict[str, Tensor] = {}
    for theirs, pair in pairs.items():
        embeds = isinstance(layers[next(p for p, t in pairs_of_paths(model, layers) if t == theirs)], LoraEmbedding)
        first, second = ("lora_embedding_A", "lora_embedding_B") if embeds else ("lora_A.weight", "lora_B.weight")
        tensors[f"{_PREFIX}{theirs}.{first}"] = pair.a.detach().float().cpu().contiguous()
        tensors[f"{_PREFIX}{theirs}.{second}"] = pair.b.detach().float().cpu().contiguous()
    config = _their_config(model, pairs, base)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(config, indent=2, sort_keys=True) + "\n"
    _replace(folder / WEIGHTS, lambda path: save_file(tensors, path, metadata={"format": "pt"}))
    _replace(folder / CONFIG, lambda path: path.write_text(text, encoding="utf-8"))


def load(folder: Path, model: nn.Module, name: str = "default") -> None:
    """Put an adapter that PEFT, or ``save``, wrote on the model, and use it alone. Raises BadLora with the model
    untouched where it does not fit."""
    config = read_config(folder)
    pairs = _read_pairs(folder, config)
    lora.check_new(model, name)
    placed = _placed(model, pairs)
    model.requires_grad_(requires_grad=False)
    shared: dict[int, nn.Parameter] = {}
    for path, pair in placed.items():
        layer = lora.wrap(model, path, model.get_submodule(path))
        device = next(iter((*layer.base.parameters(), *layer.base.buffers()))).device
        a = shared.setdefault(id(pair.a), nn.Parameter(pair.a.to(device)))
        layer.put(name, a, nn.Parameter(pair.b.to(device).contiguous()), pair.setting)
    lora.use(model, name)


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
    pairs = _read_pairs(folder, config)
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
        raise BadLora(f"{path} cannot be read as an adapter's configuration: {_first_line(error)}") from error
    if not isinstance(config, dict) or cast("dict[str, Any]", config).get("peft_type") != "LORA":
        raise BadLora(f"{path} does not describe a LoRA adapter: its peft_type must be LORA")
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
        raise BadLora(f"{path} holds {_first_line(error)}: r, lora_alpha and lora_dropout must be numbers") from error
    return config


def _read_pairs(folder: Path, config: Mapping[str, Any]) -> dict[str, Pair]:
    """Each adapted layer of the file by PEFT's path without its prefix."""
    path = folder / WEIGHTS
    try:
        tensors = from_bytes(path.read_bytes())  # not mapped: the file may be written anew while it is in use
    except (OSError, safetensors.SafetensorError) as error:
        hint = "" if path.exists() else "; pickled adapters (.bin) are not read: save it from PEFT as safetensors"
        raise BadLora(f"{path} cannot be read as safetensors: {_first_line(error)}{hint}") from error
    halves: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        found = re.fullmatch(r"(.+)\.lora_(?:embedding_)?([AB])(?:\.weight)?", key)
        if found is None:
            if key.endswith(".base_layer.weight"):  # PEFT adds the embedding itself where it is a target
                continue
            raise BadLora(f"{path} holds {key}, which is not a LoRA matrix: save the adapter without it")
        if tensor.ndim != 2 or not tensor.is_floating_point() or not torch.isfinite(tensor).all():
            raise BadLora(f"{path}: {key} is not a matrix of finite numbers")
        halves.setdefault(found[1].removeprefix(_PREFIX), {})[found[2]] = tensor.float()
    if not halves:
        raise BadLora(f"{path} holds no LoRA matrix: check that the training wrote its adapter")
    pairs: dict[str, Pair] = {}
    for layer, half in halves.items():
        if set(half) != {"A", "B"} or half["A"].shape[0] != half["B"].shape[1]:
            raise BadLora(f"{path}: the A and B of {layer} are not both there with one rank")
        alpha = _of_pattern(config.get("alpha_pattern"), layer, float(config.get("lora_alpha", 8)))
        setting = Setting(alpha, float(config.get("lora_dropout") or 0.0), bool(config.get("use_rslora")))
        pairs[layer] = Pair(half["A"], half["B"], setting)
    return pairs


def _of_pattern(patterns: object, layer: str, otherwise: float) -> float:
    """PEFT's rank_pattern and alpha_pattern: the first name that ends the layer's path. Only plain names are read."""
    if not isinstance(patterns or {}, dict):
        raise BadLora("alpha_pattern must be a table of layer names and numbers")
    for pattern, value in cast("dict[str, Any]", patterns or {}).items():
        plain = pattern.removeprefix("^").replace("\\.", ".")
        if not re.fullmatch(r"[\w.-]+", plain):
            raise BadLora(f"alpha_pattern holds {pattern!r}: only plain layer names are read, not regular expressions")
        if layer == plain or (not pattern.startswith("^") and layer.endswith("." + plain)):
            if not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise BadLora(f"alpha_pattern says {value!r} for {pattern}, which must be a number above 0")
            return value
    return otherwise


def _placed(model: nn.Module, pairs: Mapping[str, Pair]) -> dict[str, Pair]:
    """The pairs by our paths, each checked against the layer that it is for."""
    ours: dict[str, list[str]] = {}
    for path, theirs in pairs_of_paths(model, adaptable(model)):
        ours.setdefault(theirs, []).append(path)
    placed: dict[str, Pair] = {}
    for theirs, pair in pairs.items():
        paths = ours.get(theirs) or next((ours[w + theirs] for w in WRAPPERS if w + theirs in ours), None)
        paths = paths or next((ours[theirs.removeprefix(w)] for w in WRAPPERS if theirs.removeprefix(w) in ours), None)
        if paths is None:
            raise BadLora(f"the adapter is for {theirs}, which this model does not have: load the base it was made for")
        rows = [shape_of(model.get_submodule(path))[0] for path in paths]
        if sum(rows) != pair.b.shape[0] or any(shape_of(model.get_submodule(p))[1] != pair.a.shape[1] for p in paths):
            raise BadLora(
                f"the adapter's {theirs} is {pair.b.shape[0]} by {pair.a.shape[1]} and this model's is {sum(rows)} by "
                f"{shape_of(model.get_submodule(paths[0]))[1]}: load the base it was made for"
            )
        for path, block in zip(paths, torch.split(pair.b, rows), strict=True):
            placed[path] = Pair(pair.a, block, pair.setting)
    return placed


def _joined(model: nn.Module, theirs: str, paths: list[str], layers: Mapping[str, LoraLayer], name: str) -> Pair:
    """The layers that are one in PEFT, as one pair; most are one here too."""
    if len(paths) == 1 and len(our_paths(model, theirs)) == 1:
        layer = layers[paths[0]]
        return Pair(layer.a[name], layer.b[name], layer.settings[name])
    matrices = {id(layers[path].a[name]): layers[path].a[name] for path in paths}
    scales = {layers[path].scale(name) for path in paths}
    if len(scales) > 1:
        raise BadLora(f"{' and '.join(paths)} have different scales, and {theirs} can have one: give them one alpha")
    begins = dict(zip(matrices, _running([a.shape[0] for a in matrices.values()]), strict=True))
    rank = sum(a.shape[0] for a in matrices.values())
    blocks: list[Tensor] = []
    for path in our_paths(model, theirs):
        block = torch.zeros(shape_of(model.get_submodule(path))[0], rank)
        if path in paths:
            layer = layers[path]
            begin = begins[id(layer.a[name])]
            block[:, begin : begin + layer.b[name].shape[1]] = layer.b[name].detach().float().cpu()
        blocks.append(block)
    a = torch.cat([a.detach().float().cpu() for a in matrices.values()])
    old = layers[paths[0]].settings[name]
    if len(matrices) > 1:  # one rank, their sum: alpha follows, so that the scale stays what it was
        alpha = scales.pop() * (rank**0.5 if old.rank_stabilised else rank)
        old = Setting(_plain(alpha), old.dropout, old.rank_stabilised)
    return Pair(a, torch.cat(blocks), old)


def _their_config(model: nn.Module, pairs: Mapping[str, Pair], base: str | None) -> dict[str, Any]:
    """PEFT's settings for these pairs."""
    ranks = {theirs: pair.a.shape[0] for theirs, pair in pairs.items()}
    alphas = {theirs: _plain(pair.setting.alpha) for theirs, pair in pairs.items()}
    stabilised = {pair.setting.rank_stabilised for pair in pairs.values()}
    if len(stabilised) > 1:
        raise BadLora("some layers of this adapter are rank-stabilised and some are not, which PEFT cannot say")
    rank, alpha = _commonest(list(ranks.values())), _commonest(list(alphas.values()))
    family = family_of(model)
    return {
        "peft_type": "LORA",
        "task_type": "FEATURE_EXTRACTION" if family == "bert" else "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": alpha,
        "lora_dropout": max(pair.setting.dropout for pair in pairs.values()),
        "use_rslora": stabilised.pop(),
        "target_modules": short_names(model, list(pairs)),
        "rank_pattern": {theirs: r for theirs, r in ranks.items() if r != rank},
        "alpha_pattern": {theirs: value for theirs, value in alphas.items() if value != alpha},
        "fan_in_fan_out": family == "gpt2" and not all(".w" in theirs for theirs in pairs),
        "bias": "none",
        "modules_to_save": None,
        "init_lora_weights": True,
        "inference_mode": True,
    }


def _by_their_path(model: nn.Module, layers: Mapping[str, LoraLayer]) -> list[tuple[str, list[str]]]:
    grouped: dict[str, list[str]] = {}
    for path, theirs in pairs_of_paths(model, layers):
        grouped.setdefault(theirs, []).append(path)
    return list(grouped.items())


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write under another name, to the disk, then take the place of whatever was there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise BadLora(f"{path} could not be written: {error.strerror or error}; make room and save again") from error
    finally:
        temporary.unlink(missing_ok=True)


def _running(sizes: list[int]) -> list[int]:
    return [sum(sizes[:index]) for index in range(len(sizes))]


def _commonest(values: list[Any]) -> Any:
    return max(dict.fromkeys(values), key=values.count)


def _plain(value: float) -> float:
    """An alpha as it was before a division by the rank: 16, not 16.000000000000004."""
    near = round(value, 9)
    return int(near) if near == int(near) else near


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
