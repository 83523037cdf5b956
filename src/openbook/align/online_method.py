"""What GRPO and PPO do alike: draw replies to a step's problems, value them, and look at problems kept apart."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor

from openbook.align import tasks
from openbook.align.draw import rollouts
from openbook.align.loop import Measures, Method
from openbook.align.online_batch import Batch, batch_of, reference_log_p
from openbook.align.online_problems import Source, of_file, of_task
from openbook.align.online_recipe import Online, OnlineRecipe
from openbook.align.online_reward import checked, reward_of
from openbook.align.policy import Policy
from openbook.align.run import Setting
from openbook.align.task import Problem, Reward, Rewards, Rollout, Task, true_reward
from openbook.align.unknown import noted
from openbook.train.loop import Row

_ROWS = 256
"""Held-out problems answered side by side."""

SAID = 8
"""Held-out replies that are kept for a person at every evaluation."""


def method_of(
    recipe: OnlineRecipe,
    plan: Online,
    setting: Setting,
    task: Task | None,
    learn: Callable[[Batch, Rewards, int], Measures],
) -> Method:
    """What both methods do alike: draw, value, measure, and look at problems kept apart."""
    policy, seed = setting.policy, recipe.train.seed
    if task is None and recipe.task.name:
        task = tasks.by_name(recipe.task.name)
    source = _source(recipe, plan, policy, task)
    reward = reward_of(recipe.reward, task, policy)
    truth = true_reward(task) if task is not None and (recipe.reward.models or recipe.reward.per_token) else None
    policy.keep_reference()
    said: list[Row] = []
    asked = source.held or source.training(0)
    readable = noted(policy.tokenizer, [policy.ids(one.prompt) for one in asked], "the prompts")

    def take(step: int) -> Measures:
        began = time.perf_counter()
        drawn = rollouts(policy, source.training(step), plan.replies, plan.most, [seed, step], plan.temperature)
        drawing = time.perf_counter() - began
        rewards = checked(reward(drawn), drawn, step)
        groups = [one.group for one in drawn]
        found = learn(batch_of(groups, recipe, plan, setting.device), rewards, step)
        return {**_of_replies(drawn, rewards, truth), **found, "drawing": drawing / (time.perf_counter() - began)}

    def evaluate() -> Measures:
        drawn: list[Rollout] = []
        for start in range(0, len(source.held), _ROWS):
            some: Sequence[Problem] = source.held[start : start + _ROWS]
            drawn += rollouts(policy, some, 1, plan.most, [seed], temperature=0.0)
        rewards = checked(reward(drawn), drawn, setting.state.step)
        found = _of_replies(drawn, rewards, truth)
        said[:] = [_said(one, float(worth), truth) for one, worth in zip(drawn[:SAID], rewards[:, 0], strict=False)]
        return {f"held_{name}": value for name, value in found.items()}

    return Method(take, evaluate if source.held else None, (*_notes(recipe, plan, source), *readable), lambda: said)


def _said(one: Rollout, worth: float, truth: Reward | None) -> Row:
    row = {"prompt": one.problem.prompt, "reply": one.texts[0], "reward": worth}
    return row if truth is None else {**row, "true_reward": float(truth([one])[0, 0])}


def _source(recipe: OnlineRecipe, plan: Online, policy: Policy, task: Task | None) -> Source:
    if task is not None and not recipe.task.path:
        return of_task(task, recipe.task, recipe.train.batch, recipe.train.seed)
    room = policy.model.config.context - plan.most
    return of_file(recipe.task, recipe.train.batch, recipe.train.seed, lambda text: 0 < len(policy.ids(text)) <= room)


def reference_of(batch: Batch, policy: Policy, recipe: OnlineRecipe, plan: Online, step: int) -> Tensor | None:
    """log πref of every token, where the loss needs it; else at the steps that are recorded, to see how far it is."""
    if plan.beta or (step + 1) % recipe.out.log_every == 0:
        return reference_log_p(batch, policy, plan.temperature)
    return None


def kl_of(old: Tensor, reference: Tensor | None) -> dict[str, float]:
    """Nats a reply, of the policy that drew the replies: the mean of log π(reply) - log πref(reply), unbiased however
    far the two are, and so below 0 by chance where they are near.
    """
    return {} if reference is None else {"kl": float((old - reference).sum(-1).mean())}


def _of_replies(drawn: Sequence[Rollout], rewards: Rewards, truth: Reward | None) -> dict[str, float]:
    lengths = [len(reply) for one in drawn for reply in one.group.replies]
    ended = [end for one in drawn for end in one.ended]
    found = {"reward": float(rewards.mean()), "length": float(np.mean(lengths)), "ended": float(np.mean(ended))}
    return found if truth is None else {**found, "true_reward": float(truth(drawn).mean())}


def _notes(recipe: OnlineRecipe, plan: Online, source: Source) -> tuple[tuple[str, str], ...]:
    notes = [
        ("a step", f"{recipe.train.batch:,} prompts, {plan.replies} replies to each of {plan.most} tokens at most"),
        ("reward", " and ".join(map(str, recipe.reward.folders)) or f"the checker of {recipe.task.name}"),
        ("kept apart", f"{len(source.held):,} problems, answered with the likeliest tokens"),
    ]
    if source.left_out:
        notes.append(("left out", f"{source.left_out:,} prompts that leave no room for a reply"))
    return tuple(notes)
