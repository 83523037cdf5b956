"""A policy's replies to problems, with their texts."""

from collections.abc import Sequence

from openbook.align.policy import Policy
from openbook.align.rollout import Drawing, drawn
from openbook.align.task import Problem, Rollout


def rollouts(
    policy: Policy, problems: Sequence[Problem], replies: int, most: int, key: Sequence[int], temperature: float = 1.0
) -> list[Rollout]:
    """So many replies to each problem, of at most so many tokens; key: as in ``drawn``."""
    prompts = [policy.ids(problem.prompt) for problem in problems]
    groups = drawn(policy.model, prompts, Drawing(replies, most, policy.end, temperature), key)
    return [
        Rollout(
            problem,
            group,
            tuple(policy.text(reply) for reply in group.replies),
            tuple(int(reply[-1]) == policy.end for reply in group.replies),
        )
        for problem, group in zip(problems, groups, strict=True)
    ]
