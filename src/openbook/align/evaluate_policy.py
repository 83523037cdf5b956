"""How good a policy is at a task: the reward of its replies, how many are right, how long they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.align.draw import rollouts
from openbook.align.policy import Policy
from openbook.align.task import Problem, Task, true_reward
from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson, wilson_in_groups

_AT_ONCE = 256
"""Replies drawn at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """Of every reply, (problems, replies): rewards; right, whether it is worth as much as the problem's answer; tokens,
    its end among them; ended, whether it ended by itself.
    """

    rewards: NDArray[np.float64]
    right: NDArray[np.bool_]
    tokens: NDArray[np.int64]
    ended: NDArray[np.bool_]

    @property
    def reward(self) -> Interval | None:
        """The mean with its interval over problems; None for a single reply."""
        return bootstrap_mean(self.rewards.ravel().tolist(), groups=self._groups)

    @property
    def accuracy(self) -> Interval:
        """The share of replies that are right, with Wilson's interval over problems."""
        right: list[bool] = self.right.ravel().tolist()
        return wilson(sum(right), len(right)) if self._groups is None else wilson_in_groups(right, self._groups)

    @property
    def length(self) -> float:
        """Tokens a reply."""
        return float(self.tokens.mean())

    @property
    def _groups(self) -> list[int] | None:
        problems, replies = self.rewards.shape
        return None if replies == 1 else [problem for problem in range(problems) for _ in range(replies)]


def evaluated(
    policy: Policy,
    task: Task,
    problems: Sequence[Problem],
    *,
    most: int,
    replies: int = 1,
    temperature: float = 0.0,
    key: Sequence[int] = (0,),
) -> Evaluated:
    """most: tokens of a reply. At temperature 0 one reply is all there is to draw. key: of the random numbers."""
    reward = true_reward(task)
    each = max(1, _AT_ONCE // replies)
    parts: list[tuple[NDArray[np.float64], list[list[int]], list[tuple[bool, ...]]]] = []
    for start in range(0, len(problems), each):
        found = rollouts(policy, problems[start : start + each], replies, most, [*key, start], temperature)
        lengths = [[len(reply) for reply in one.group.replies] for one in found]
        parts.append((reward(found), lengths, [one.ended for one in found]))
    rewards, lengths, ended = (np.concatenate(part) for part in zip(*parts, strict=True))
    full = np.array([task.reward(problem, problem.answer) for problem in problems])
    return Evaluated(rewards, rewards >= full[:, None], lengths, ended)
