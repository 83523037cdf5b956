"""Attention in a row of groups: a reply sees its prompt and itself, and never the replies beside it.

The prompt's keys and values are computed once for all of its replies, forwards and backwards, where a batch of prompts
with their replies computes them once for each. The weights are computed again on the way back rather than kept.
"""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor

from openbook.align.groups import Place
from openbook.train.attention_layout import Mix
from openbook.train.within_documents import within

_WEIGHTS = 2**24
"""Attention weights held at once, 64 MiB of FP32; a single reply may need more."""


def shared_prompt(places: Sequence[Place]) -> Mix:
    """The product for a layout whose groups lie so, in models without a window."""
    prompts = within([(0, place.start, place.prompt) for place in places])

    def mix(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        replies = cast("Tensor", _Replies.apply(query, key, value, places))  # pyright: ignore[reportUnknownMemberType]
        return prompts(query, key, value) + replies  # each gives nothing where the other gives something

    return mix


class _Replies(torch.autograd.Function):
    """softmax(QKᵀ/√d)V for the replies of one row, and nothing for its prompts.

    query: (1, heads, time, head_dim); key, value: (1, key_value_heads, time, head_dim).
    """

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, places: Sequence[Place]) -> Tensor:
        ctx.save_for_backward(query, key, value)
        ctx.blocks = _blocks(places, query.shape[1], key.shape[1], query.device)
        out = torch.zeros_like(query)
        for block in ctx.blocks:
            at_prompt, at_own = block.weights(query, key)
            block.put(out, at_prompt @ block.shared(value), at_own @ block.own(value))
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        query, key, value = ctx.saved_tensors
        to_query, to_key, to_value = torch.zeros_like(query), torch.zeros_like(key), torch.zeros_like(value)
        scale = query.shape[-1] ** -0.5
        for block in ctx.blocks:
            at_prompt, at_own = block.weights(query, key)
            grad, grad_own = block.stacked(grads[0])
            block.add_shared(to_value, at_prompt.mT @ grad)
            block.add_own(to_value, at_own.mT @ grad_own)
            above_prompt, above_own = grad @ block.shared(value).mT, grad_own @ block.own(value).mT
            mean = (above_prompt * at_prompt).sum(-1).flatten() + (above_own * at_own).sum(-1).flatten()
            above_prompt = (above_prompt - mean.view(*above_prompt.shape[:-1], 1)) * at_prompt * scale
            above_own = (above_own - mean.view(*above_own.shape[:-1], 1)) * at_own * scale
            block.put(to_query, above_prompt @ block.shared(key), above_own @ block.own(key))
            q, q_own = block.stacked(query)
            block.add_shared(to_key, above_prompt.mT @ q)
            block.add_own(to_key, above_own.mT @ q_own)
        return to_query, to_key, to_value, None


class _Block:
    """Some replies to one prompt, side by side, padded to the longest.

    index: (replies, longest) int64, where their tokens stand in the row; padding points at a reply's last token. real:
    (replies, longest) bool. Stacked, the queries of one key head stand one below the other, in two views of one tensor:
    (key heads, replies · groups · longest, head_dim) against the prompt's keys, which are the same for all, and
    (key heads · replies, groups · longest, head_dim) against each reply's own.
    """

    def __init__(self, place: Place, spans: Sequence[tuple[int, int]], heads: int, key_heads: int, device: Any) -> None:
        self.start, self.prompt = place.start, place.prompt
        starts, ends = torch.tensor(spans, device=device).T
        self.longest = int((ends - starts).max())
        index = starts[:, None] + torch.arange(self.longest, device=device)
        self.real = index < ends[:, None]
        self.index = torch.where(self.real, index, ends[:, None] - 1)
        self.key_heads, self.groups = key_heads, heads // key_heads
        self.later = torch.ones(self.longest, self.longest, dtype=torch.bool, device=device).triu(1)

    def stacked(self, tensor: Tensor) -> tuple[Tensor, Tensor]:
        """Both views of what queries have, (1, heads, time, head_dim)."""
        replies = len(self.index)
        heads = tensor[0].reshape(self.key_heads, self.groups, *tensor.shape[2:])
        cut = heads[:, :, self.index] * self.real[:, :, None]  # (key heads, groups, replies, longest, head_dim)
        own = cut.transpose(1, 2).contiguous().view(self.key_heads * replies, self.groups * self.longest, -1)
        return own.view(self.key_heads, -1, own.shape[-1]), own

    def shared(self, tensor: Tensor) -> Tensor:
        """(key heads, prompt, head_dim)."""
        return tensor[0, :, self.start : self.prompt]

    def own(self, tensor: Tensor) -> Tensor:
        """(key heads · replies, longest, head_dim)."""
        return tensor[0][:, self.index].flatten(0, 1)

    def weights(self, query: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        """On the prompt's keys and on the reply's own, which together add up to 1 for every query."""
        scale = query.shape[-1] ** -0.5
        q, q_own = self.stacked(query)
        prompt = q @ self.shared(key).mT * scale
        own = (q_own @ self.own(key).mT * scale).unflatten(1, (self.groups, self.longest))
        own = own.masked_fill(self.later, float("-inf")).view(*prompt.shape[:2], self.longest)
        both = torch.cat([prompt, own], dim=-1).softmax(-1)
        before = prompt.shape[-1]
        return both[..., :before], both[..., before:].reshape(q_own.shape[0], -1, self.longest)

    def put(self, to: Tensor, from_prompt: Tensor, from_own: Tensor) -> None:
        """The sum of both into the replies' places of (1, heads, time, head_dim)."""
        both = from_prompt + from_own.view_as(from_prompt)
        both = both.view(self.key_heads, len(self.index), self.groups, self.longest, -1).transpose(1, 2).flatten(0, 1)
        to[0, :, self.index[self.real]] = both[:, self.real]

    def add_shared(self, to: Tensor, grad: Tensor) -> None:
        to[0, :, self.start : self.prompt] += grad

    def add_own(self, to: Tensor, grad: Tensor) -> None:
        to[0, :, self.index[self.real]] += grad.unflatten(0, (self.key_heads, -1))[:, self.real]


def _blocks(places: Sequence[Place], heads: int, key_heads: int, device: torch.device) -> list[_Block]:
    found: list[_Block] = []
    for place in places:
        longest = max(end - start for start, end in place.replies)
        at_once = max(1, _WEIGHTS // (heads * longest * (place.prompt - place.start + longest)))
        found += [
            _Block(place, place.replies[first : first + at_once], heads, key_heads, device)
            for first in range(0, len(place.ends), at_once)
        ]
    return found
