"""What attention heads do with a text, in numbers: which one looks where most, and which words they tie together.

The habits are those that Clark et al. (2019, "What Does BERT Look At?") found many heads to have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.see.attention import Maps
from openbook.see.pieces import Pieces


@dataclass(frozen=True, slots=True)
class Habit:
    """A way of looking; the layer and head, from 0, that has it most; its mean share over the rows it can be had in."""

    name: str
    layer: int
    head: int
    share: float


@dataclass(frozen=True, slots=True)
class Tie:
    """Positions of a token and of another that it looks at, and the layer and head, from 0, where it does most."""

    row: int
    column: int
    layer: int
    head: int
    weight: float


def habits(maps: Maps, pieces: Pieces) -> list[Habit]:
    """For each habit the head that has it most. maps: (layers, heads, tokens, tokens)."""
    found: list[Habit] = []
    for name, share in _shares(maps, pieces).items():
        layer, head = np.unravel_index(int(share.argmax()), share.shape)
        found.append(Habit(name, int(layer), int(head), float(share[layer, head])))
    return found


def strongest_ties(maps: Maps, pieces: Pieces, count: int = 10) -> list[Tie]:
    """The largest weights between tokens of the text itself that do not stand side by side, one for each pair.

    Largest first. Neighbours are left out: heads that look one token back or on would take every place.
    """
    layers, heads, tokens, _ = maps.shape
    flat = maps.reshape(layers * heads, tokens, tokens)
    best = flat.max(axis=0)
    outside = np.array(pieces.added)
    near = np.tri(tokens, k=1, dtype=bool) & ~np.tri(tokens, k=-2, dtype=bool)
    best = np.where(outside[:, None] | outside[None, :] | near, -1.0, best)
    order = np.argsort(-best, axis=None, kind="stable")[:count]
    ties: list[Tie] = []
    for cell in order.tolist():
        row, column = divmod(cell, tokens)
        if best[row, column] > 0:
            layer, head = divmod(int(flat[:, row, column].argmax()), heads)
            ties.append(Tie(row, column, layer, head, float(best[row, column])))
    return ties


def _shares(maps: Maps, pieces: Pieces) -> Mapping[str, NDArray[np.float32]]:
    """(layers, heads) for each habit that a text of this length, and a model of this kind, can show."""
    shares: dict[str, NDArray[np.float32]] = {}
    if maps.shape[-1] > 1:
        shares["the token before"] = _diagonal(maps, -1)
        if maps[..., 0, 1:].any():  # a decoder never looks ahead
            shares["the token after"] = _diagonal(maps, 1)
    shares["itself"] = _diagonal(maps, 0)
    for position in _added(pieces.added):
        shares[pieces.labels[position]] = np.delete(maps[..., position], position, axis=-1).mean(axis=-1)
    return shares


def _diagonal(maps: Maps, offset: int) -> NDArray[np.float32]:
    return np.diagonal(maps, offset=offset, axis1=-2, axis2=-1).mean(axis=-1)


def _added(added: Sequence[bool]) -> list[int]:
    """Where the tokenizer put a token of its own, such as [CLS] and [SEP]."""
    return [position for position, each in enumerate(added) if each]
