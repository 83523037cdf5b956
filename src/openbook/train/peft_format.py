"""Adapters in PEFT's format, both ways: ``adapter_config.json`` and ``adapter_model.safetensors``.

What we write loads in PEFT, and what PEFT wrote loads here, with equal outputs. The one shape that differs is GPT-2's
``c_attn``, one layer for query, key and value there and three here. Going out, three adapters become one: equal As are
written once, different ones stacked (the rank grows to their sum, and alpha with it, so that the scale stays), and B
has a block for each. Coming in, the three share the one A and each takes its rows of B.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]
from torch import Tensor, nn

from openbook.train import lora
from openbook.train.lora_layer import LoraEmbedding, LoraLayer, Setting
from openbook.train.lora_targets import BadLora
from openbook.train.peft_files import CONFIG, PREFIX, WEIGHTS, Pair, read_config, read_pairs
from openbook.train.peft_names import WRAPPERS, adaptable, family_of, our_paths, pairs_of_paths, shape_of, short_names


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
        tensors[f"{PREFIX}{theirs}.{first}"] = pair.a.detach().float().cpu().contiguous()
        tensors[f"{PREFIX}{theirs}.{second}"] = pair.b.detach().float().cpu().contiguous()
    config = _their_config(model, pairs, base)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(config, indent=2, sort_keys=True) + "\n"
    _replace(folder / WEIGHTS, lambda path: save_file(tensors, path, metadata={"format": "pt"}))
    _replace(folder / CONFIG, lambda path: path.write_text(text, encoding="utf-8"))


def load(folder: Path, model: nn.Module, name: str = "default") -> None:
    """Put an adapter that PEFT, or ``save``, wrote on the model, and use it alone. Raises BadLora with the model
    untouched where it does not fit."""
    config = read_config(folder)
    pairs = read_pairs(folder, config)
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
