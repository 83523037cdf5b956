"""The rewards of a bake-off by name, in standard deviations of supervised replies, so that they can be compared.

``proxy`` is the first reward model. ``ensemble`` is the least that any model gives. ``proxy without length`` takes off
what a token more earns by itself, and with it what length is truly worth: a reward model cannot tell them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openbook.align.online_recipe import Worth
from openbook.align.task import Reward, Rewards, Rollout

TRUE, PROXY, ENSEMBLE, CONTROLLED = "true", "proxy", "ensemble", "proxy without length"


@dataclass(frozen=True, slots=True)
class Scale:
    """A reward on supervised replies. per_token: what a token more adds, among the replies to one prompt."""

    mean: float
    deviation: float
    per_token: float


def scale_of(rewards: Rewards, lengths: NDArray[np.float64]) -> Scale:
    """rewards, lengths: (problems, replies). A reward that never differs has a deviation of 1.

    per_token: by least squares on what differs between replies to one problem, so that long questions with good answers
    count for nothing.
    """
    length = lengths - lengths.mean(1, keepdims=True)
    spread = float((length**2).sum())
    slope = float((length * (rewards - rewards.mean(1, keepdims=True))).sum()) / spread if spread else 0.0
    return Scale(float(rewards.mean()), float(rewards.std()) or 1.0, slope)


def standardised(reward: Reward, scale: Scale) -> Reward:
    """Mean 0 and deviation 1 over the replies that the scale was made from."""

    def scaled(rollouts: Sequence[Rollout]) -> Rewards:
        return (reward(rollouts) - scale.mean) / scale.deviation

    return scaled


def worths(models: Sequence[Path], first: Scale) -> dict[str, Worth]:
    """What each reward but the true one is made of, as recipes say it. first: the scale of the first model."""
    names = tuple(map(str, models))
    found = {PROXY: Worth(names[:1]), CONTROLLED: Worth(names[:1], per_token=first.per_token)}
    return found | ({ENSEMBLE: Worth(names, "min")} if len(names) > 1 else {})


def lengths_of(rollouts: Sequence[Rollout]) -> NDArray[np.float64]:
    """(rollouts, replies), tokens."""
    return np.array([[len(reply) for reply in one.group.replies] for one in rollouts], dtype=np.float64)
