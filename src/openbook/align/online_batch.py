"""A step's replies on their way through its updates: which prompts a pass reads, and their part of every tensor."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from openbook.align.groups import Group, present
from openbook.align.online_recipe import Online
from openbook.align.pair_groups import passes
from openbook.align.policy import Policy
from openbook.align.recipe import AlignRecipe


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """groups: all with as many replies. mask: (replies, longest), which places hold a token. at_once: groups a pass."""

    groups: Sequence[Group]
    mask: Tensor
    tokens: int
    at_once: int

    @property
    def each(self) -> int:
        """Replies to a prompt."""
        return len(self.groups[0].replies)

    def rows(self, numbers: Sequence[int]) -> Tensor:
        """Where the replies of these groups lie in tensors of (replies, longest)."""
        found = [number * self.each + reply for number in numbers for reply in range(self.each)]
        return torch.tensor(found, device=self.mask.device)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The groups of one pass, and where their replies lie in tensors of (replies, longest)."""

    groups: Sequence[Group]
    rows: Tensor
    width: int

    def of(self, tensor: Tensor) -> Tensor:
        return tensor[self.rows, : self.width]

    def put(self, tensor: Tensor, values: Tensor) -> None:
        tensor[self.rows, : self.width] = values


def batch_of(groups: Sequence[Group], recipe: AlignRecipe, online: Online, device: torch.device) -> Batch:
    """The step's groups, all of as many replies."""
    counts = [len(reply) for group in groups for reply in group.replies]
    return Batch(groups, present(counts, device), online.tokens, recipe.train.rows_at_once)


def parts(batch: Batch, numbers: Sequence[int]) -> Generator[Part]:
    """These groups in passes of bounded size."""
    chosen = [batch.groups[number] for number in numbers]
    for part in passes(chosen, batch.tokens, batch.at_once):
        groups = chosen[part]
        width = max(len(reply) for group in groups for reply in group.replies)
        yield Part(groups, batch.rows(numbers[part]), width)


def in_passes(batch: Batch, score: Callable[[Sequence[Group]], Tensor]) -> Tensor:
    """What a function of groups gives, (replies, longest of these), for the whole batch, without gradients."""
    found = torch.zeros(batch.mask.shape, device=batch.mask.device)
    with torch.no_grad():
        for part in parts(batch, range(len(batch.groups))):
            part.put(found, score(part.groups))
    return found


def reference_log_p(batch: Batch, policy: Policy, temperature: float) -> Tensor:
    """log πref of every token, (replies, longest)."""
    with torch.no_grad(), policy.as_reference() as reference:
        return in_passes(batch, lambda groups: reference.scored(groups, temperature).log_p)
