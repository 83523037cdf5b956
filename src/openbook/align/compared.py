"""What a reward model learns from at once: one pair, or a prompt with all that was compared of its replies.

Pairs of one prompt share replies. Read together, the prompt is read once and each reply once, however many pairs it is
in: K replies give K (K - 1) / 2 pairs, and are one element of a batch, not as many (Ouyang et al. 2022, §3.5), since
such pairs are much alike and a reply that is met in K - 1 updates of an epoch is soon learnt by heart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from openbook.align.groups import Group


@dataclass(frozen=True, slots=True)
class Compared:
    """chosen, rejected: of each pair, the places of its replies in the group."""

    group: Group
    chosen: tuple[int, ...]
    rejected: tuple[int, ...]


def singly(pairs: Sequence[Group]) -> list[Compared]:
    """pairs: groups of two whose first reply was preferred; each by itself."""
    return [Compared(pair, (0,), (1,)) for pair in pairs]


def by_prompt(pairs: Sequence[Group]) -> list[Compared]:
    """All pairs of one prompt together, equal replies once; prompts in the order of their first pair."""
    together: dict[bytes, list[Group]] = {}
    for pair in pairs:
        together.setdefault(pair.prompt.tobytes(), []).append(pair)
    return [_merged(some) for some in together.values()]


def _merged(pairs: Sequence[Group]) -> Compared:
    replies = {reply.tobytes(): reply for pair in pairs for reply in pair.replies}
    places = {tokens: place for place, tokens in enumerate(replies)}
    chosen, rejected = (tuple(places[pair.replies[side].tobytes()] for pair in pairs) for side in (0, 1))
    return Compared(Group(pairs[0].prompt, tuple(replies.values())), chosen, rejected)


def in_pairs(rewards: Tensor, compared: Sequence[Compared]) -> Tensor:
    """rewards: (replies,) of all groups, one after another. Returns (pairs, 2), the chosen reply's and the other's."""
    found: list[tuple[int, int]] = []
    at = 0
    for one in compared:
        found += [(at + won, at + lost) for won, lost in zip(one.chosen, one.rejected, strict=True)]
        at += len(one.group.replies)
    return rewards[torch.tensor(found, device=rewards.device)]
