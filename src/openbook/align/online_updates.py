"""The updates that a step makes with its replies: epochs of minibatches of passes, and what they saw."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from openbook.align.grpo import Aggregation, shares
from openbook.align.log_probabilities import Scored
from openbook.align.loop import descend
from openbook.align.online_batch import Batch, Part, parts
from openbook.align.online_recipe import Online, OnlineRecipe
from openbook.align.run import Setting

Loss = Callable[[Scored, Part], tuple[Tensor, Tensor]]
"""The loss of each token of a pass, and which tokens were clipped: (replies, longest of the pass) both."""


@dataclass(slots=True)
class Seen:
    """losses, norms: of each update. entropy: summed over the tokens of the first epoch. clipped: over all of them."""

    losses: list[float] = field(default_factory=list[float])
    norms: list[float] = field(default_factory=list[float])
    entropy: float = 0.0
    clipped: float = 0.0

    def measures(self, tokens: int, epochs: int) -> dict[str, float]:
        """tokens: of the batch's replies. entropy: nats a token."""
        return {
            "loss": sum(self.losses) / len(self.losses),
            "norm": sum(self.norms) / len(self.norms),
            "entropy": self.entropy / tokens,
            "clip_share": self.clipped / (tokens * epochs),
        }


def updated(
    setting: Setting, recipe: OnlineRecipe, online: Online, batch: Batch, step: int, how: Aggregation, loss: Loss
) -> dict[str, float]:
    """All of a step's updates. Returns loss, norm, entropy and clip_share."""
    seen = Seen()
    for epoch in range(online.epochs):
        for numbers in minibatches(len(batch.groups), online.minibatch, [recipe.train.seed, step, epoch]):
            passes = _losses(setting, online, batch, numbers, how, loss, seen, first=epoch == 0)
            total, norm = descend(setting.state, passes, recipe.optimiser.clip)
            seen.losses.append(total)
            seen.norms.append(norm)
    return seen.measures(int(batch.mask.sum()), online.epochs)


def minibatches(count: int, size: int, key: Sequence[int]) -> list[list[int]]:
    """The groups of each of an epoch's updates, in an order of the key's; as they come where one update takes all."""
    if not 0 < size < count:
        return [list(range(count))]
    order: list[int] = np.random.default_rng([*key, 11]).permutation(count).tolist()
    return [order[start : start + size] for start in range(0, count, size)]


def _losses(
    setting: Setting,
    online: Online,
    batch: Batch,
    numbers: Sequence[int],
    how: Aggregation,
    loss: Loss,
    seen: Seen,
    *,
    first: bool,
) -> Generator[Tensor]:
    """Each pass's share of the loss of one update."""
    rows = batch.rows(numbers)
    weights = torch.zeros(batch.mask.shape, device=batch.mask.device)
    weights[rows] = shares(batch.mask[rows], how, online.most)
    for part in parts(batch, numbers):
        found = setting.policy.scored(part.groups, online.temperature)
        by_token, clipped = loss(found, part)
        seen.clipped += float((clipped & found.mask).sum())
        seen.entropy += float(found.entropy.sum()) if first else 0.0
        yield (by_token * part.of(weights)).sum()
