"""Learning from replies that the policy draws itself: GRPO and PPO, what a step of each is and what it measures.

A step draws replies to new problems, values them, and makes its updates. What it draws hangs on the weights, the seed
and its number alone, so that a run goes on exactly where it was killed.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from openbook.align import tasks
from openbook.align.advantages import generalised, in_group, whitened
from openbook.align.groups import padded
from openbook.align.grpo import Clip, clipped, losses
from openbook.align.log_probabilities import Scored
from openbook.align.loop import Measures, Method
from openbook.align.online_batch import Batch, Part, in_passes, parts
from openbook.align.online_method import kl_of, method_of, reference_of
from openbook.align.online_recipe import GrpoRecipe, OnlineRecipe, PpoRecipe
from openbook.align.online_updates import updated
from openbook.align.ppo import ValueHead, token_rewards, value_head, value_losses
from openbook.align.run import AlignPlan, AlignResult, Setting
from openbook.align.run import run as run_method
from openbook.align.task import Rewards, Task
from openbook.train.watch import Watch


def run_grpo(
    recipe: GrpoRecipe, watch: Watch, planned: Callable[[AlignPlan], None], task: Task | None = None
) -> AlignResult:
    """Learn by GRPO, or go on with it; task: in place of the recipe's. Raises AlignProblem, BadLora, BadCheckpoint."""
    return run_method(recipe, watch, planned, lambda r, s: begin_grpo(r, s, task), sources=sources(recipe))


def run_ppo(
    recipe: PpoRecipe, watch: Watch, planned: Callable[[AlignPlan], None], task: Task | None = None
) -> AlignResult:
    """Learn by PPO, or go on with it; as ``run_grpo``."""
    return run_method(
        recipe, watch, planned, lambda r, s: begin_ppo(r, s, task), sources=sources(recipe), head=value_head
    )


def begin_grpo(recipe: GrpoRecipe, setting: Setting, task: Task | None = None) -> Method:
    """The method, the policy being what it was before its first step."""
    plan = recipe.grpo
    clip = Clip(plan.clip_low, plan.clip_high)
    several = 0 < plan.minibatch < recipe.train.batch

    def learn(batch: Batch, rewards: Rewards, step: int) -> Measures:
        policy, mask = setting.policy, batch.mask
        found = in_group(rewards, scaled=plan.scaled)
        advantages = mask.new_tensor(found.values.reshape(-1, 1), dtype=torch.float32)
        reference = reference_of(batch, policy, recipe, plan, step)
        old = torch.zeros(mask.shape, device=mask.device)
        known = torch.zeros(len(mask), dtype=torch.bool, device=mask.device)
        if several:
            old = in_passes(batch, lambda groups: policy.scored(groups, plan.temperature).log_p)
            known[:] = True

        def loss(scored: Scored, part: Part) -> tuple[Tensor, Tensor]:
            if not known[part.rows].all():  # the first update, whose policy is the one that drew the replies
                part.put(old, scored.log_p.detach())
                known[part.rows] = True
            before, beside = part.of(old), part.of(reference) if plan.beta and reference is not None else None
            worth = advantages[part.rows]
            lost = losses(scored.log_p, before, worth, clip, beside, plan.beta, weighted=plan.weighted)
            return lost, clipped(scored.log_p.detach(), before, worth, clip)

        measures = updated(setting, recipe, plan, batch, step, plan.aggregation, loss)
        return {**measures, **kl_of(old, reference), "equal": found.equal / len(rewards)}

    return method_of(recipe, plan, setting, task, learn)


def begin_ppo(recipe: PpoRecipe, setting: Setting, task: Task | None = None) -> Method:
    """The method, the policy being what it was before its first step. The setting's head is a ValueHead."""
    plan, policy = recipe.ppo, setting.policy
    clip = Clip(plan.clip_low, plan.clip_high)
    head = setting.head
    assert isinstance(head, ValueHead)

    def learn(batch: Batch, rewards: Rewards, step: int) -> Measures:
        mask = batch.mask
        reference = reference_of(batch, policy, recipe, plan, step)
        old, values = (torch.zeros(mask.shape, device=mask.device) for _ in range(2))
        with torch.no_grad():
            for part in parts(batch, range(len(batch.groups))):
                scored = policy.scored(part.groups, plan.temperature)
                part.put(old, scored.log_p)
                part.put(values, padded(head(scored.before), scored.row.counts))
        scores = mask.new_tensor(rewards.reshape(-1), dtype=torch.float32)
        by_token = token_rewards(scores, old, old if reference is None else reference, mask, plan.beta)
        advantages = generalised(by_token, values, plan.gamma, plan.lam).masked_fill(~mask, 0.0)
        returns = advantages + values
        if plan.whiten:
            advantages = whitened(advantages, mask)
        value_loss: list[float] = []

        def loss(scored: Scored, part: Part) -> tuple[Tensor, Tensor]:
            before, worth = part.of(old), part.of(advantages)
            now = padded(head(scored.before), scored.row.counts)
            of_value = value_losses(now, part.of(values), part.of(returns), plan.value_clip)
            value_loss.append(float((of_value * scored.mask).detach().sum()))
            lost = losses(scored.log_p, before, worth, clip) + plan.value_weight * of_value
            return lost, clipped(scored.log_p.detach(), before, worth, clip)

        measures = updated(setting, recipe, plan, batch, step, "token", loss)
        mean_value_loss = sum(value_loss) / (float(mask.sum()) * plan.epochs)
        return {**measures, **kl_of(old, reference), "value_loss": mean_value_loss}

    return method_of(recipe, plan, setting, task, learn)


def sources(recipe: OnlineRecipe) -> dict[str, Path]:
    """What a run is begun on beside its base."""
    found = {f"reward-{number}.json": folder for number, folder in enumerate(recipe.reward.folders)}
    path = recipe.task.source if recipe.task.path else tasks.file_of(recipe.task.name)
    return found if path is None else {**found, "prompts.json": path}
