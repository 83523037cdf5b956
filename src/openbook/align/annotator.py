"""Simulated annotators: they see the true reward of two replies, and choose with a noise and a bias that are known.

    P(first chosen) = (1 - f) σ(d / T) + f σ(-d / T),   d = r₁ - r₂ + b (tokens₁ - tokens₂)

the logistic choice of Bradley and Terry (1952) at temperature T, a share f of careless choices the wrong way round, and
b of reward for every token of length. What is learnt from their choices can be held against the reward itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.random import Generator

from openbook.align.preferences import Pair
from openbook.align.problems import AlignProblem
from openbook.align.task import Reward, Rollout


@dataclass(frozen=True, slots=True)
class Annotator:
    """temperature 0: always the better one, a coin between equals. flips: f. per_token: b."""

    name: str
    temperature: float = 1.0
    flips: float = 0.0
    per_token: float = 0.0

    def __post_init__(self) -> None:
        if not self.temperature >= 0 or not 0 <= self.flips <= 0.5 or not np.isfinite(self.per_token):
            raise AlignProblem(
                f"annotator {self.name!r}: temperature must be 0 or more, flips lie in 0 to 0.5, per_token be finite"
            )

    def chance(self, rewards: tuple[float, float], tokens: tuple[int, int]) -> float:
        """That the first of two is chosen."""
        better = rewards[0] - rewards[1] + self.per_token * (tokens[0] - tokens[1])
        if self.temperature == 0:
            first = 0.5 * (1.0 + float(np.sign(better)))
        else:
            first = 0.5 * (1.0 + float(np.tanh(better / self.temperature / 2)))  # σ, without overflow
        return (1 - self.flips) * first + self.flips * (1 - first)


def annotated(
    rollouts: Sequence[Rollout],
    reward: Reward,
    annotators: Sequence[Annotator],
    key: Sequence[int],
    *,
    every: bool = False,
) -> list[Pair]:
    """Every annotator's choice between the first and second reply, the third and fourth, and so on; or between every
    two of a prompt's replies.

    Equal texts are no choice. key: of the random numbers, each annotator having its own. Raises AlignProblem for a
    reward that is no number.
    """
    worth = reward(rollouts)
    if not np.isfinite(worth).all():
        raise AlignProblem("the true reward of a reply is not finite, so nobody can choose by it: mend the reward")
    return [
        pair
        for number, annotator in enumerate(annotators)
        for pair in _choices(rollouts, worth.tolist(), annotator, np.random.default_rng([*key, 11, number]), every)
    ]


def _choices(
    rollouts: Sequence[Rollout], worth: list[list[float]], annotator: Annotator, rng: Generator, every: bool
) -> list[Pair]:
    found: list[Pair] = []
    for one, rewards in zip(rollouts, worth, strict=True):
        sizes = [len(reply) for reply in one.group.replies]
        for a, b in _compared(len(sizes), every):
            drawn = float(rng.random())
            if one.texts[a] == one.texts[b]:
                continue
            first = drawn < annotator.chance((rewards[a], rewards[b]), (sizes[a], sizes[b]))
            chosen, rejected = (one.texts[a], one.texts[b]) if first else (one.texts[b], one.texts[a])
            found.append(Pair(one.problem.prompt, chosen, rejected, annotator.name))
    return found


def _compared(replies: int, every: bool) -> Iterable[tuple[int, int]]:
    numbers = range(replies)
    return combinations(numbers, 2) if every else zip(numbers[::2], numbers[1::2], strict=False)
