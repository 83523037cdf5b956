"""A task whose reward is known: problems drawn from a seed, and a function that says what a reply to one is worth.

A verifiable task gives 1 to a right reply and 0 to any other; a graded one gives a number, the true reward that
preferences of people would only hint at. A reply is text from outside: it is read, and never evaluated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from openbook.align.groups import Group
from openbook.align.problems import AlignProblem

LARGEST_SIZE = 32
"""Of a problem, in its task's unit."""


@dataclass(frozen=True, slots=True)
class Problem:
    """prompt: what a policy reads, up to where its reply begins. answer: what a checker compares with.

    solution: a reply as demonstrations show it. size: how hard, in the task's own unit: digits, steps, items.
    """

    prompt: str
    answer: str
    solution: str
    size: int


@dataclass(frozen=True, slots=True)
class Task:
    """draw: a problem of a size. reward: of a reply to it. sizes: the least and the most that are drawn."""

    name: str
    draw: Callable[[Generator, int], Problem]
    reward: Callable[[Problem, str], float]
    sizes: tuple[int, int]

    def problems(self, count: int, key: Sequence[int], sizes: tuple[int, int] | None = None) -> list[Problem]:
        """So many, of sizes drawn evenly; equal keys give equal problems."""
        least, most = sizes or self.sizes
        rng = np.random.default_rng(key)
        return [self.draw(rng, int(rng.integers(least, most + 1))) for _ in range(count)]


@dataclass(frozen=True, slots=True, eq=False)
class Rollout:
    """A problem, and the replies that were drawn for it: tokens, and texts without the end token.

    ended: which replies ended by themselves rather than by their length.
    """

    problem: Problem
    group: Group
    texts: tuple[str, ...]
    ended: tuple[bool, ...]


Rewards = NDArray[np.float64]
"""(rollouts, replies)"""

Reward = Callable[[Sequence[Rollout]], Rewards]
"""What replies are worth: a task's own, or a model's. All rollouts of a call have as many replies."""


def true_reward(task: Task) -> Reward:
    """The task's own reward of every reply."""

    def reward(rollouts: Sequence[Rollout]) -> Rewards:
        return np.array([[task.reward(one.problem, text) for text in one.texts] for one in rollouts], dtype=np.float64)

    return reward


def check_sizes(sizes: Sequence[int]) -> None:
    """Of a recipe's problems; none are the task's own. Raises AlignProblem for what are not a least and a most size."""
    if sizes and not (len(sizes) == 2 and 1 <= sizes[0] <= sizes[1] <= LARGEST_SIZE):
        raise AlignProblem(
            f"task.sizes is {list(sizes)}, and must be the least and the most, as [1, 3], at most {LARGEST_SIZE}"
        )
