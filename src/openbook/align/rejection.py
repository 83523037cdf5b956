"""Rejection-sampling fine-tuning: draw n replies to each prompt, keep the best, learn it as if it were a demonstration.

    L(θ) = −E log πθ(y*|x),   y* = argmax r(x, y) over y₁ … yₙ ~ πθ(·|x)

Done again at every step with the policy as it is now, this is RAFT (Dong et al. 2023). The best of n replies of a
policy is at most log n − (n−1)/n nats from it (Beirami et al. 2024): a step asks for no more than that.
A prompt whose replies are all worth the same has no best one, and is passed over.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openbook.align.groups import Group
from openbook.align.log_probabilities import Scored
from openbook.align.loop import Measures, Method
from openbook.align.online_batch import Batch, Part, batch_of, in_passes
from openbook.align.online_method import kl_of, method_of, reference_of
from openbook.align.online_recipe import Online, OnlineRecipe
from openbook.align.online_run import sources
from openbook.align.online_updates import updated
from openbook.align.problems import AlignProblem
from openbook.align.run import AlignPlan, AlignResult, Setting
from openbook.align.run import run as run_method
from openbook.align.task import Rewards, Task
from openbook.train.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(Online):
    """replies: drawn to each prompt, of which the best is learnt. beta, clip_low, clip_high: for objectives that weigh
    replies; they stay as they are.
    """

    replies: int = 8
    beta: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionRecipe(OnlineRecipe):
    """Rejection sampling: the best of the replies drawn to a prompt is learnt as if it were a demonstration."""

    rejection: Rejection = field(default_factory=Rejection)

    def __post_init__(self) -> None:
        self.check("rejection", self.rejection)
        if self.rejection.replies < 2:
            raise AlignProblem("rejection.replies is 1, and the best is chosen among several: set 2 or more")
        for key in ("beta", "clip_low", "clip_high"):
            if getattr(self.rejection, key) != getattr(Rejection(), key):
                raise AlignProblem(f"rejection.{key} does nothing here: leave it out")


def run(
    recipe: RejectionRecipe, watch: Watch, planned: Callable[[AlignPlan], None], task: Task | None = None
) -> AlignResult:
    """Learn from the best replies, or go on with it; task: in place of the recipe's. Raises as ``align.run.run``."""
    return run_method(recipe, watch, planned, lambda r, s: begin(r, s, task), sources=sources(recipe))


def begin(recipe: RejectionRecipe, setting: Setting, task: Task | None = None) -> Method:
    """The method, the policy being what it was before its first step."""
    plan, policy = recipe.rejection, setting.policy

    def learn(batch: Batch, rewards: Rewards, step: int) -> Measures:
        reference = reference_of(batch, policy, recipe, plan, step)
        found: Measures = {}
        if reference is not None:
            old = in_passes(batch, lambda groups: policy.scored(groups, plan.temperature).log_p)
            found = kl_of(old, reference)
        chosen = best(rewards)
        kept = [
            Group(group.prompt, (group.replies[int(reply)],))
            for group, reply in zip(batch.groups, chosen, strict=True)
            if reply >= 0
        ]
        found = {**found, "best_reward": float(rewards.max(1).mean()), "equal": 1 - len(kept) / len(batch.groups)}
        if not kept:
            return {**found, "loss": 0.0, "norm": 0.0}
        winners = batch_of(kept, recipe, plan, setting.device)
        return {**updated(setting, recipe, plan, winners, step, "token", _loss), **found}

    return method_of(recipe, plan, setting, task, learn)


def best(rewards: Rewards) -> NDArray[np.int64]:
    """Which reply to each problem has the highest reward, the first of several; -1 where all have the same.

    rewards: (problems, replies). Returns (problems,).
    """
    return np.where(rewards.max(1) > rewards.min(1), rewards.argmax(1), -1)


def _loss(scored: Scored, _: Part) -> tuple[Tensor, Tensor]:
    return -scored.log_p, torch.zeros_like(scored.mask)
