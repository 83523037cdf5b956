"""A whole set of simulated preferences: a policy's replies to a task's problems, compared by annotators."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openbook.align.annotator import Annotator, annotated
from openbook.align.draw import rollouts
from openbook.align.policy import Policy
from openbook.align.preferences import Pair
from openbook.align.task import Task, true_reward
from openbook.align.unknown import noted
from openbook.train.recipe import check_ranges

AT_ONCE = 32
"""Problems whose replies are drawn together."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """problems: how many. replies: to each, compared two by two. most: tokens of a reply. temperature: they are drawn
    at. Equal settings and weights give equal pairs.
    """

    problems: int = 1000
    replies: int = 2
    most: int = 64
    temperature: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_ranges(
            ("problems", self.problems, 1, 10**6),
            ("replies", self.replies, 2, 1024),
            ("most", self.most, 1, 2**16),
            ("temperature", self.temperature, 0, 100),
            ("seed", self.seed, 0, 2**63 - 1),
        )


def simulated(
    policy: Policy,
    task: Task,
    annotators: Sequence[Annotator],
    plan: Drawn,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Pair]:
    """The pairs, problem by problem; progress: told how many problems are done, of how many."""
    problems = task.problems(plan.problems, [plan.seed, 13])
    noted(policy.tokenizer, [policy.ids(one.prompt) for one in problems[:AT_ONCE]], f"the problems of {task.name}")
    found: list[Pair] = []
    for start in range(0, len(problems), AT_ONCE):
        part, key = problems[start : start + AT_ONCE], [plan.seed, 17, start]
        drawn = rollouts(policy, part, plan.replies, plan.most, key, plan.temperature)
        found += annotated(drawn, true_reward(task), annotators, key)
        progress(start + len(part), len(problems))
    return found
