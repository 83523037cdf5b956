"""Attention within packed documents, a document at a time: what training on short texts needs on a CPU.

Rows packed with several documents make most of a (time, time) mask false, and the fused CPU kernel computes it all; in
BF16 its backward pass is slow besides. Here each document is two small products, in blocks of queries that see no key
after them, and the weights are computed again on the way back rather than kept.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor

from openbook.model import Decoder
from openbook.train.attention_layout import Layout, Mix, laid_out

Span = tuple[int, int, int]
"""(row, start, end) of one document."""

_BLOCK = 256


def spans_of(documents: Tensor) -> list[Span]:
    """Where each run of one number begins and ends. documents: (batch, time) int."""
    found: list[Span] = []
    for row, numbers in enumerate(documents):
        changes: Any = torch.nonzero(numbers[1:] != numbers[:-1])[:, 0] + 1
        bounds: list[int] = [0, *changes.tolist(), numbers.shape[0]]
        found += [(row, start, end) for start, end in pairwise(bounds)]
    return found


class WithinDocuments(torch.autograd.Function):
    """softmax(QKᵀ/√d)V, causal, in each span.

    query: (batch, heads, time, head_dim); key, value: (batch, key_value_heads, time, head_dim). Places outside the
    spans get nothing.
    """

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, spans: Sequence[Span]) -> Tensor:
        ctx.save_for_backward(query, key, value)
        ctx.spans = spans
        out = torch.zeros_like(query)
        for block in _blocks(query, key, spans):
            q, k, v = block.cut(query, key, value)
            out[block.rows] = block.spread(_weights(q, k, block) @ v)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        query, key, value = ctx.saved_tensors
        to_query, to_key, to_value = torch.zeros_like(query), torch.zeros_like(key), torch.zeros_like(value)
        for block in _blocks(query, key, ctx.spans):
            q, k, v = block.cut(query, key, value)
            grad = block.stack(grads[0])
            weights = _weights(q, k, block)
            to_value[block.seen] += weights.mT @ grad
            above = grad @ v.mT
            above -= (above * weights).sum(-1, keepdim=True)
            above *= weights * q.shape[-1] ** -0.5
            to_query[block.rows] = block.spread(above @ k)
            to_key[block.seen] += above.mT @ q
        return to_query, to_key, to_value, None


class _Block:
    """Queries ``begin`` to ``end`` of a document, and the keys from its start that they may see."""

    def __init__(self, row: int, start: int, begin: int, end: int, groups: int) -> None:
        self.rows = (row, slice(None), slice(begin, end))
        self.seen = (row, slice(None), slice(start, end))
        self.first, self.groups = begin - start, groups

    def cut(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.stack(query), key[self.seen], value[self.seen]

    def stack(self, tensor: Tensor) -> Tensor:
        """The query heads that share a key head, one below the other: (key heads, groups · queries, head_dim)."""
        cut = tensor[self.rows]
        return cut.reshape(cut.shape[0] // self.groups, -1, cut.shape[-1])

    def spread(self, stacked: Tensor) -> Tensor:
        return stacked.reshape(stacked.shape[0] * self.groups, -1, stacked.shape[-1])


def _blocks(query: Tensor, key: Tensor, spans: Sequence[Span]) -> list[_Block]:
    groups = query.shape[1] // key.shape[1]
    return [
        _Block(row, start, begin, min(begin + _BLOCK, end), groups)
        for row, start, end in spans
        for begin in range(start, end, _BLOCK)
    ]


def _weights(query: Tensor, key: Tensor, block: _Block) -> Tensor:
    """(key heads, groups · queries, keys): rows that add up to 1, with nothing on later keys."""
    keys = key.shape[1]
    queries = query.shape[1] // block.groups
    late = torch.full((queries, keys), float("-inf"), dtype=query.dtype, device=query.device).triu(block.first + 1)
    scores = torch.baddbmm(late.repeat(block.groups, 1), query, key.mT, alpha=query.shape[-1] ** -0.5)
    return scores.softmax(-1)


def within(spans: Sequence[Span]) -> Mix:
    """The product for a layout whose documents lie so."""
    return lambda query, key, value: cast("Tensor", WithinDocuments.apply(query, key, value, spans))  # pyright: ignore[reportUnknownMemberType]


def attend_by_document(model: Decoder) -> Layout | None:
    """A layout for attention that works a document at a time: None where it cannot (a window, dropout)."""
    return None if model.config.window is not None or model.config.dropout else laid_out(model)
