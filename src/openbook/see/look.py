"""Attention over a whole text: read with the shipped encoder in numpy, or with a checkpoint of one's own in torch."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from openbook.compress.unquantised import unquantised
from openbook.encode.folder import SHIPPED, open_folder
from openbook.errors import MissingExtra, OpenbookError
from openbook.see.attention import Maps, attention_maps
from openbook.see.pieces import Pieces, pieces

MOST_TOKENS = 64
"""Of a text: more could not be told apart in a picture."""


@dataclass(frozen=True, slots=True)
class Seen:
    """model: which one it is, in words. maps: (layers, heads, tokens, tokens) of those asked for, numbered from 1."""

    text: str
    model: str
    pieces: Pieces
    maps: Maps
    layers: tuple[int, ...]
    heads: tuple[int, ...]


def look(text: str, folder: Path | None, layer: int | None, head: int | None) -> Seen:
    """Read the text with a model. folder: of a checkpoint, or one of openbook's; None: the shipped encoder."""
    model, found, maps = _shipped(text, folder) if _is_ours(folder) else _checkpoint(text, folder or SHIPPED)
    layers, heads = _asked(layer, maps.shape[0], "layer"), _asked(head, maps.shape[1], "head")
    chosen = maps[[number - 1 for number in layers]][:, [number - 1 for number in heads]]
    return Seen(text, model, found, chosen, layers, heads)


def _is_ours(folder: Path | None) -> bool:
    return folder is None or (folder / "manifest.json").exists()


def _shipped(text: str, folder: Path | None) -> tuple[str, Pieces, Maps]:
    """In numpy, by the equations: a reading that works wherever openbook does."""
    opened = open_folder(folder or SHIPPED)
    found = pieces(opened.tokenizer, text, min(MOST_TOKENS, opened.window))
    bert = unquantised(opened.model)
    name = "all-MiniLM-L6-v2 as openbook ships it" if folder is None else f"the encoder in {folder}"
    size = f"{len(bert.layers)} layers of {bert.heads} heads"
    return f"Model: {name}, {size}; its INT8 weights back in floats.", found, attention_maps(bert, found.ids)


def _checkpoint(text: str, folder: Path) -> tuple[str, Pieces, Maps]:
    if find_spec("torch") is None:
        raise MissingExtra("seeing into a checkpoint", "train")
    import torch

    from openbook.model.attention_maps import attention_maps as maps_of
    from openbook.model.checkpoint import load

    model, config = load(folder, dtype=torch.float32)
    found = pieces(folder, text, min(MOST_TOKENS, config.context))
    maps = maps_of(model, torch.tensor(found.ids)).numpy()
    family = getattr(config, "family", "bert")
    return f"Model: {folder}, a {family} of {config.layers} layers of {config.heads} heads.", found, maps


def _asked(number: int | None, count: int, what: str) -> tuple[int, ...]:
    if number is not None and number > count:
        raise OpenbookError(f"there is no {what} {number}: this model has {what}s 1 to {count}")
    return tuple(range(1, count + 1)) if number is None else (number,)
