"""What a policy is like at one moment, on problems kept from its training: both rewards, and what they cost.

Everything is kept by problem, so that two policies are compared on the same problems and intervals are over problems.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.align.compare.divergence import divergence
from openbook.align.compare.diversity import different, distinct
from openbook.align.draw import rollouts
from openbook.align.policy import Policy
from openbook.align.task import Problem, Reward, Rewards, Rollout

AT_ONCE = 128
"""Replies drawn and read in one pass."""

ByProblem = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Exam:
    """What every policy is measured on. most: tokens of a reply. key: of the random numbers.

    rewards: by name; ``true`` and ``proxy`` must be among them. supervised: (problems, replies), the true rewards of
    the supervised policy's own replies, drawn under another key; wins are counted against these.
    """

    problems: Sequence[Problem]
    replies: int
    most: int
    key: Sequence[int]
    rewards: Mapping[str, Reward]
    supervised: Sequence[ByProblem]


@dataclass(frozen=True, slots=True)
class Measured:
    """One value a problem, the mean of its replies'; kl: nats a reply; entropy: nats a token; length: tokens.

    rewards: by the exam's names. wins: the share of its pairs with a supervised reply that the policy's wins by true
    reward, a tie counting half. distinct_1, distinct_2, different: of the problem's replies, as in ``diversity``.
    """

    rewards: Mapping[str, ByProblem]
    wins: ByProblem
    kl: ByProblem
    entropy: ByProblem
    length: ByProblem
    distinct_1: ByProblem
    distinct_2: ByProblem
    different: ByProblem


def measured(policy: Policy, exam: Exam) -> Measured:
    """The policy as its weights are now. Raises AlignProblem where it keeps no reference."""
    drawn = answers(policy, exam.problems, exam.replies, exam.most, exam.key)
    rewards = {name: reward(drawn) for name, reward in exam.rewards.items()}
    kl, entropy, length = (list[float]() for _ in range(3))
    for part in _parts(drawn, exam.replies):
        found = divergence(policy, [one.group for one in part])
        shape = (len(part), exam.replies)
        tokens = found.tokens.reshape(shape)
        kl += found.kl.reshape(shape).mean(1).tolist()
        entropy += (found.entropy.reshape(shape).sum(1) / tokens.sum(1)).tolist()
        length += tokens.mean(1).tolist()
    return Measured(
        {name: _plain(values.mean(1)) for name, values in rewards.items()},
        _plain(won(rewards["true"], np.array(exam.supervised)).mean(1)),
        tuple(kl),
        tuple(entropy),
        tuple(length),
        tuple(distinct(one.texts, 1) for one in drawn),
        tuple(distinct(one.texts, 2) for one in drawn),
        tuple(different(one.texts) for one in drawn),
    )


def answers(policy: Policy, problems: Sequence[Problem], replies: int, most: int, key: Sequence[int]) -> list[Rollout]:
    """So many replies to each problem, some problems at a time, so that memory stays bounded."""
    each = max(1, AT_ONCE // replies)
    return [
        one
        for start in range(0, len(problems), each)
        for one in rollouts(policy, problems[start : start + each], replies, most, [*key, start])
    ]


def won(rewards: Rewards, against: Rewards) -> NDArray[np.float64]:
    """Of each reply, the share of the replies to the same problem that it beats, a tie counting half.

    rewards: (problems, replies); against: (problems, others). Returns (problems, replies).
    """
    difference = rewards[:, :, None] - against[:, None, :]
    return ((difference > 0) + 0.5 * (difference == 0)).mean(2)


def _parts(drawn: Sequence[Rollout], replies: int) -> list[Sequence[Rollout]]:
    each = max(1, AT_ONCE // replies)
    return [drawn[start : start + each] for start in range(0, len(drawn), each)]


def _plain(values: NDArray[np.float64]) -> ByProblem:
    return tuple(map(float, values))
