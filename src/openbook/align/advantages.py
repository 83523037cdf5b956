"""How much better a token, or a whole reply, was than expected: what the policy gradient multiplies.

PPO looks at each token against a value function (generalised advantages), GRPO at each reply against the others of its
group.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from openbook.align.task import Rewards

_EPSILON = 1e-4
"""Beside a group's deviation, as in TRL."""


def by_the_equation(rewards: Tensor, values: Tensor, gamma: float, lam: float) -> Tensor:
    """Âₜ = Σₗ (γλ)ˡ δₜ₊ₗ with δₜ = rₜ + γ V(sₜ₊₁) - V(sₜ) (Schulman et al. 2016, eq. 16), the sum as it is written.

    rewards, values: (replies, longest), 0 behind a reply's end, so that V is 0 there: the episode is over.
    """
    after = torch.cat([values[:, 1:], torch.zeros_like(values[:, :1])], dim=1)
    delta = rewards + gamma * after - values
    longest = rewards.shape[1]
    return torch.stack(
        [
            torch.stack([(gamma * lam) ** step * delta[:, at + step] for step in range(longest - at)]).sum(0)
            for at in range(longest)
        ],
        dim=1,
    )


def generalised(rewards: Tensor, values: Tensor, gamma: float, lam: float) -> Tensor:
    """The same from the last token backwards: Âₜ = δₜ + γλ Âₜ₊₁."""
    found = torch.zeros_like(rewards)
    advantage, after = torch.zeros_like(rewards[:, 0]), torch.zeros_like(rewards[:, 0])
    for at in reversed(range(rewards.shape[1])):
        advantage = rewards[:, at] + gamma * after - values[:, at] + gamma * lam * advantage
        found[:, at], after = advantage, values[:, at]
    return found


def whitened(advantages: Tensor, mask: Tensor) -> Tensor:
    """Of mean 0 and variance 1 over the tokens that mask, (replies, longest) bool, says are there; 0 elsewhere."""
    there = advantages[mask]
    deviation = there.std() if len(there) > 1 else there.new_zeros(())
    return ((advantages - there.mean()) / (deviation + 1e-8)).masked_fill(~mask, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class GroupAdvantages:
    """values: (groups, replies). equal: groups whose rewards were all one, so that they teach nothing."""

    values: Rewards
    equal: int


def in_group(rewards: Rewards, *, scaled: bool) -> GroupAdvantages:
    """Each reply's reward less its group's mean, and by scaled over the group's deviation (Shao et al. 2024, 4.1.2).

    Unscaled is Dr. GRPO's (Liu et al. 2025): the deviation weighs problems that are nearly solved, or nearly hopeless,
    above the rest. The deviation is over replies - 1, as in TRL. A group of equal rewards gives exact zeros.
    """
    equal = (rewards == rewards[:, :1]).all(axis=1)
    values = np.where(equal[:, None], 0.0, rewards - rewards.mean(axis=1, keepdims=True))
    if scaled and rewards.shape[1] > 1:
        values = values / (rewards.std(axis=1, ddof=1, keepdims=True) + _EPSILON)
    return GroupAdvantages(values, int(equal.sum()))
