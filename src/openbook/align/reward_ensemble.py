"""Several reward models as one: a policy that learns from them has to please them all, and none by its own mistakes.

Coste et al. (2024): the mean, the worst case, or the mean less k standard deviations, their disagreement. (Theirs takes
off the variance; the deviation has the unit of a reward.)
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from openbook.align.problems import AlignProblem
from openbook.align.task import Reward, Rewards, Rollout

How = Literal["mean", "min", "cautious"]


def together(members: Sequence[Reward], how: How, k: float = 1.0) -> Reward:
    """cautious: mean - k · standard deviation over the members, of which there are two at least."""
    if len(members) < 2:
        raise AlignProblem("an ensemble has two reward models or more: give another, or use the one as it is")

    def reward(rollouts: Sequence[Rollout]) -> Rewards:
        each = np.stack([member(rollouts) for member in members])
        if how == "min":
            return each.min(axis=0)
        return each.mean(axis=0) - (k * each.std(axis=0) if how == "cautious" else 0.0)

    return reward
