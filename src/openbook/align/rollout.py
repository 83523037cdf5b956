"""Replies drawn from a policy, many at a time: each prompt is read once, and its keys and values serve all its replies.

Every reply has random numbers of its own, one a token, by the key it is drawn under: equal weights and an equal key
give equal replies, whatever was drawn before and beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from openbook.align.groups import Group, Ids
from openbook.align.problems import AlignProblem
from openbook.align.weight_layout import for_few_rows
from openbook.model import Decoder
from openbook.model.cache import Cache

_BLOCK = 128
"""Tokens whose probabilities are added up together."""

_WORTH = 8
"""Tokens of a reply from which laying the weights out otherwise is repaid."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """replies: to each prompt. most: tokens of a reply. end: the token that ends one. temperature 0: the likeliest
    token each time, so that all replies to a prompt are one.
    """

    replies: int
    most: int
    end: int
    temperature: float = 1.0


def drawn(model: Decoder, prompts: Sequence[Ids], drawing: Drawing, key: Sequence[int]) -> list[Group]:
    """``drawing.replies`` replies to each prompt; one cut at ``most`` tokens, or by the context, has no end token.

    key: of the random numbers. Raises AlignProblem for a prompt that is empty or fills the context.
    """
    longest = max(map(len, prompts))
    room = min(drawing.most, model.config.context - longest)
    if room < 1 or not all(map(len, prompts)):
        raise AlignProblem(
            f"a prompt of {longest:,} tokens leaves no room for a reply in this model's context of "
            f"{model.config.context:,}: shorten it, or take a model with a longer context"
            if room < 1
            else "a prompt is empty: give every prompt some text"
        )
    rows = len(prompts) * drawing.replies
    numbers = np.random.default_rng([*key, 7]).random((rows, room))
    device = model.embedding.weight.device
    with for_few_rows(model, wanted=room >= _WORTH), torch.inference_mode():
        written = _written(model, prompts, drawing, torch.as_tensor(numbers, device=device), longest)
    replies = [_ended(row, drawing.end) for row in written]
    each = drawing.replies
    return [Group(prompt, tuple(replies[n * each : (n + 1) * each])) for n, prompt in enumerate(prompts)]


def choose(logits: Tensor, temperature: float, numbers: Tensor) -> Tensor:
    """By inversion: the first token whose cumulated probability exceeds the number; first its block, then the token.

    logits: (rows, vocabulary); numbers: (rows,) in [0, 1). Returns (rows,) int64.
    """
    if temperature == 0:
        return logits.argmax(-1)
    blocks = -(-logits.shape[-1] // _BLOCK)
    chances = (logits.float() / temperature).softmax(-1)
    chances = torch.nn.functional.pad(chances, (0, blocks * _BLOCK - chances.shape[-1])).view(-1, blocks, _BLOCK)
    before = chances.sum(-1).double().cumsum(-1)  # in FP64 what is added up over all, and within a block below
    wanted = numbers.double() * before[:, -1]
    block = torch.searchsorted(before, wanted[:, None], right=True).clamp(max=blocks - 1)
    rest = wanted - torch.nn.functional.pad(before, (1, 0)).gather(1, block)[:, 0]
    within = chances[torch.arange(len(block), device=block.device), block[:, 0]].double().cumsum(-1)
    rest = torch.minimum(rest, within[:, -1] * (1 - 1e-12))  # the two sums differ by rounding
    return block[:, 0] * _BLOCK + torch.searchsorted(within, rest[:, None], right=True)[:, 0]


def _written(
    model: Decoder, prompts: Sequence[Ids], drawing: Drawing, numbers: Tensor, longest: int
) -> list[list[int]]:
    """The tokens of each reply, and behind a finished one whatever."""
    rows, room = numbers.shape
    device = numbers.device
    cache, hidden = _read(model, prompts, longest, device)
    each = torch.arange(len(prompts), device=device).repeat_interleave(drawing.replies)
    cache = cache.rows(each, longest + room)
    open_rows = torch.arange(rows, device=device)
    said = torch.full((rows, room), drawing.end, dtype=torch.int64, device=device)
    hidden = hidden[each]
    for at in range(room):
        chosen = choose(model.logits(hidden), drawing.temperature, numbers[open_rows, at])
        said[open_rows, at] = chosen
        going = chosen != drawing.end
        if at + 1 == room or not bool(going.any()):
            break
        if int(going.sum()) <= 0.7 * len(going):  # finished rows would be computed for nothing; moving the cache costs
            kept = going.nonzero()[:, 0]
            cache, open_rows, chosen = cache.rows(kept), open_rows[kept], chosen[kept]
        hidden = model(chosen[:, None], cache=cache)[:, -1]
    return cast("list[list[int]]", cast("Any", said).tolist())


def _read(model: Decoder, prompts: Sequence[Ids], longest: int, device: torch.device) -> tuple[Cache, Tensor]:
    """The prompts in a cache, each ending at its last place, and what stands there: (prompts, width)."""
    ids = np.zeros((len(prompts), longest), dtype=np.int64)
    for row, prompt in enumerate(prompts):
        ids[row, longest - len(prompt) :] = prompt
    starts = torch.tensor([longest - len(prompt) for prompt in prompts], device=device)
    cache = model.cache(len(prompts), longest, starts if bool(starts.any()) else None)
    return cache, model(torch.as_tensor(ids, device=device), cache=cache)[:, -1]


def _ended(row: list[int], end: int) -> Ids:
    return np.array(row[: row.index(end) + 1] if end in row else row, dtype=np.int64)
