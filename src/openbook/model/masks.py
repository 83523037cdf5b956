"""Who may look at whom: boolean masks, true where a query (row) may take from a key (column)."""

from typing import NamedTuple

import torch
from torch import Tensor


class Sight(NamedTuple):
    """What the queries of one pass may see: a mask, the kernel's own causal mask, or (neither) every key.

    first: no query sees a key before this one, so none has to be read.
    """

    mask: Tensor | None = None
    causal: bool = False
    first: int = 0


def sight(
    time: int,
    before: int,
    *,
    window: int | None,
    documents: Tensor | None = None,
    starts: Tensor | None = None,
    device: torch.device | None = None,
) -> Sight:
    """What ``time`` queries after ``before`` cached positions see in a causal layer; a mask is built only if it must.

    window, documents: as in ``causal`` and ``same_document``; documents only with ``before`` 0.
    starts: as in ``Cache``.
    """
    first = 0 if window is None else max(0, before - window + 1)
    keys = before + time - first
    if starts is not None:
        return Sight(
            causal(time, keys, window=window, device=device) & after_padding(time, keys, starts - first), first=first
        )
    if documents is not None:
        return Sight(causal(time, window=window, device=device) & same_document(documents))
    if window is None or keys <= window:
        if time == 1:
            return Sight(first=first)
        if keys == time:
            return Sight(causal=True)
    return Sight(causal(time, keys, window=window, device=device), first=first)


def causal(
    time: int, keys: int | None = None, *, window: int | None = None, device: torch.device | None = None
) -> Tensor:
    """No look ahead, and with ``window`` no further back than that many positions, itself included.

    The queries are the last ``time`` of ``keys`` positions (by default all of them). Returns (time, keys).
    """
    keys = time if keys is None else keys
    row = torch.arange(keys - time, keys, device=device)[:, None]
    column = torch.arange(keys, device=device)[None, :]
    allowed = column <= row
    return allowed if window is None else allowed & (column > row - window)


def same_document(documents: Tensor) -> Tensor:
    """Rows packed with several documents: attention stays within each.

    documents: (batch, time) int, another number than before where a document begins; one that comes back is another
    document. Returns (batch, 1, time, time).
    """
    number = begins(documents).cumsum(dim=1)
    return (number[:, :, None] == number[:, None, :])[:, None]


def keys_present(present: Tensor) -> Tensor:
    """Padding is never looked at. present: (batch, keys) bool. Returns (batch, 1, 1, keys)."""
    return present[:, None, None, :]


def after_padding(time: int, keys: int, starts: Tensor) -> Tensor:
    """Keys before a row's start are padding. A padded query sees itself alone, so that its softmax has something.

    The queries are the last ``time`` of ``keys`` positions; starts: (batch,) int. Returns (batch, 1, time, keys).
    """
    column = torch.arange(keys, device=starts.device)
    row = column[keys - time :]
    return (column >= starts[:, None, None, None]) | (column == row[:, None])


def positions_within(documents: Tensor) -> Tensor:
    """Positions that start again at 0 where a document begins. documents: (batch, time) int. Returns int64."""
    index = torch.arange(documents.shape[1], device=documents.device).expand_as(documents)
    return index - torch.where(begins(documents), index, 0).cummax(dim=1).values


def begins(documents: Tensor) -> Tensor:
    """True at the first token of each document. documents: (batch, time) int. Returns (batch, time)."""
    first = torch.ones_like(documents[:, :1], dtype=torch.bool)
    return torch.cat([first, documents[:, 1:] != documents[:, :-1]], dim=1)
