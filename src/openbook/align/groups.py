"""Prompts with their replies, as tokens, laid out in one row so that each prompt is read once for all of its replies.

    prompt₁ reply₁₁ reply₁₂ … prompt₂ reply₂₁ …

There is no padding. A reply's places go on from its prompt's, and ``shared_prompt`` lets it see that prompt and itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openbook.align.problems import AlignProblem

Ids = NDArray[np.int64]
"""(tokens,)"""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """prompt: one token or more. replies: each one token or more, its end token the last where it ended."""

    prompt: Ids
    replies: tuple[Ids, ...]

    @property
    def longest(self) -> int:
        """Tokens of the prompt and its longest reply."""
        return len(self.prompt) + max(map(len, self.replies))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group lies in the row. ends: of each of its replies; the first begins where the prompt ends."""

    start: int
    prompt: int
    ends: tuple[int, ...]

    @property
    def replies(self) -> list[tuple[int, int]]:
        return list(pairwise((self.prompt, *self.ends)))


@dataclass(frozen=True, slots=True)
class Row:
    """ids, positions: (1, tokens) int64. places: of the groups, in order.

    before: (reply tokens,) where what predicts each token of a reply stands: the token before it, and for the first the
    prompt's last. targets: (reply tokens,) these tokens. counts: of each reply, its tokens.
    """

    ids: Tensor
    positions: Tensor
    places: tuple[Place, ...]
    before: Tensor
    targets: Tensor
    counts: tuple[int, ...]


def row_of(groups: Sequence[Group], device: torch.device) -> Row:
    """The groups in one row. Raises AlignProblem for a group with an empty prompt or reply."""
    ids: list[Ids] = []
    positions: list[Ids] = []
    before: list[Ids] = []
    places: list[Place] = []
    at = 0
    for group in groups:
        if not len(group.prompt) or not group.replies or not all(map(len, group.replies)):
            raise AlignProblem("a prompt or a reply has no tokens: give every prompt and every reply some text")
        start, prompt, ends = at, at + len(group.prompt), list[int]()
        at = prompt
        ids.append(group.prompt)
        positions.append(np.arange(len(group.prompt)))
        for reply in group.replies:
            before.append(np.concatenate([[prompt - 1], np.arange(at, at + len(reply) - 1)]))
            ids.append(reply)
            positions.append(len(group.prompt) + np.arange(len(reply)))
            at += len(reply)
            ends.append(at)
        places.append(Place(start, prompt, tuple(ends)))
    replies = [reply for group in groups for reply in group.replies]

    def tensor(parts: Sequence[Ids]) -> Tensor:
        return torch.as_tensor(np.concatenate(parts).astype(np.int64, copy=False), device=device)

    return Row(
        tensor(ids)[None], tensor(positions)[None], tuple(places), tensor(before), tensor(replies),
        tuple(map(len, replies)),
    )  # fmt: skip


def padded(flat: Tensor, counts: Sequence[int]) -> Tensor:
    """Values of all reply tokens, one reply after another, as (replies, longest), zero behind each reply's end."""
    parts: tuple[Tensor, ...] = torch.split(flat, list(counts))
    return torch.nn.utils.rnn.pad_sequence(list(parts), batch_first=True)


def present(counts: Sequence[int], device: torch.device) -> Tensor:
    """Which places of ``padded`` hold a token: (replies, longest) bool."""
    sizes = torch.tensor(list(counts), device=device)
    return torch.arange(int(sizes.max()), device=device) < sizes[:, None]
