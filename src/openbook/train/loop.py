"""The training loop: accumulate, clip, step; evaluate; record; keep. What it calls are functions with their own files.

The loss of a step is the sum over its targets (tokens, or pictures) divided by how many there are, over all passes and
processes, so that each weighs the same however the rows were split.
"""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from openbook.train.ahead import ahead
from openbook.train.asked import KeptApart, Learnt, Pass, Recipe
from openbook.train.group import Group, adding_later
from openbook.train.optimise import set_rate
from openbook.train.problems import TrainProblem
from openbook.train.schedules import share_of_peak
from openbook.train.state import State
from openbook.train.techniques import autocast, evaluating

Row = Mapping[str, Any]

_AHEAD = 4
"""Threads that make batches while a GPU computes; on a CPU they would only take its cores."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the loop tells the outside. progress: after every step; record: a row of metrics; keep: a checkpoint."""

    progress: Callable[[int], None]
    record: Callable[[Row], None]
    keep: Callable[[], None]
    stop: Callable[[], bool]


def train(
    state: State, recipe: Recipe, training: Learnt, validation: KeptApart | None, group: Group, hooks: Hooks
) -> bool:
    """Train from ``state.step`` to the recipe's last step. Returns whether it got there, rather than being stopped.

    Raises TrainProblem at a loss that is not finite, before it reaches a checkpoint.
    """

    threads = _AHEAD if group.device.type == "cuda" else 0
    with ahead(partial(shares, recipe, training, group), state.step, recipe.train.steps, threads) as batches:
        return _trained(state, recipe, batches, validation, group, hooks, training.unit)


def _trained(
    state: State,
    recipe: Recipe,
    batches: Callable[[int], list[Pass]],
    validation: KeptApart | None,
    group: Group,
    hooks: Hooks,
    unit: str,
) -> bool:
    out, steps = recipe.out, recipe.train.steps
    unseen: list[tuple[Tensor, Tensor]] = []  # loss and gradient norm of steps not looked at yet
    losses: list[float] = []
    since, counted = time.perf_counter(), 0
    while state.step < steps:
        rate = rate_at(recipe, state.step)
        set_rate(state.optimisers, rate)
        loss, norm, count = descended(state, recipe, batches(state.step), group)
        unseen.append((loss, norm))
        state.step += 1
        state.tokens += count
        counted += count
        hooks.progress(state.step)
        asked = group.any(hooks.stop())
        log, evaluating_now, keeping = (
            state.step == steps or asked or (every > 0 and state.step % every == 0)
            for every in (out.log_every, out.evaluate_every, out.checkpoint_every)
        )
        due = log or evaluating_now or keeping
        if due or group.device.type == "cpu":  # a look waits for a GPU to finish, so there only when it is due
            losses += checked(unseen, state.step, recipe)
            unseen = []
        if not due:
            continue
        now = time.perf_counter()
        state.seconds += now - since
        hooks.record(_row(state, rate, losses, unit, counted / max(now - since, 1e-9)))
        if evaluating_now and validation is not None and not asked:
            hooks.record({"step": state.step, "validation_loss": evaluate(state, recipe, validation, group)})
        if keeping:
            hooks.keep()
        if asked:
            return False
        losses, since, counted = [], time.perf_counter(), 0
    return True


def update(state: State, recipe: Recipe, training: Learnt, group: Group) -> tuple[Tensor, Tensor, int]:
    """One optimiser step. Returns the mean loss a target, the gradients' norm, and how many targets there were."""
    return descended(state, recipe, shares(recipe, training, group, state.step), group)


def descended(state: State, recipe: Recipe, batches: list[Pass], group: Group) -> tuple[Tensor, Tensor, int]:
    """The same on passes that are made."""
    count = group.total(sum(batch.count for batch in batches))
    total = torch.zeros((), device=group.device)
    for batch in batches:
        later = batch is not batches[-1]
        with adding_later(state.objective) if later else nullcontext():
            with autocast(group.device, recipe.train.precision):
                loss = state.objective(*batch.inputs)
            (loss * (group.size / max(count, 1))).backward()  # wrapped gradients are means over the processes
        total += loss.detach()
    mean = group.added_up(total) / max(count, 1)
    parameters = [p for p in state.model.parameters() if p.requires_grad]
    norm = clip_grad_norm_(parameters, recipe.optimiser.clip or math.inf)
    for optimiser in state.optimisers:
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    return mean, norm, count


def shares(recipe: Recipe, training: Learnt, group: Group, step: int) -> list[Pass]:
    """This process's rows of a step on its device, in passes of at most ``rows_at_once``."""
    rows = recipe.train.batch
    first, last = rows * group.rank // group.size, rows * (group.rank + 1) // group.size
    at_once = recipe.train.rows_at_once or rows
    return [
        training.training(recipe.train.seed, step, rows, start, min(start + at_once, last)).to(group.device)
        for start in range(first, last, at_once)
    ]


def rate_at(recipe: Recipe, step: int) -> float:
    """The learning rate of a step, counted from 0."""
    plan = recipe.schedule
    share = share_of_peak(plan.kind, step, recipe.train.steps, warmup=plan.warmup, decay=plan.decay, floor=plan.floor)
    return recipe.optimiser.rate * share


def checked(passed: list[tuple[Tensor, Tensor]], step: int, recipe: Recipe) -> list[float]:
    """The losses as numbers. Raises TrainProblem at the first step whose loss or gradient is not finite."""
    values = cast("list[list[float]]", cast("Any", torch.stack([torch.stack(pair) for pair in passed])).tolist())
    for number, (loss, norm) in enumerate(values, start=step - len(passed) + 1):
        if not math.isfinite(loss) or not math.isfinite(norm):
            what = f"loss is {loss}" if not math.isfinite(loss) else f"gradient's norm is {norm}"
            raise TrainProblem(
                f"the {what} at step {number}, learning rate {rate_at(recipe, number - 1):.3g}: training stopped, "
                "and what was saved before is kept; try a lower optimiser.rate or a longer schedule.warmup, in another "
                "out.folder"
            )
    return [loss for loss, _ in values]


def evaluate(state: State, recipe: Recipe, validation: KeptApart, group: Group) -> float:
    """The mean loss over every target of the validation part, each process taking its share."""
    rows = max(recipe.train.rows_at_once or recipe.train.batch, 2**14 // validation.context)
    sums = torch.zeros(2, dtype=torch.float64)
    with evaluating(state.model), autocast(group.device, recipe.train.precision):
        for start in range(rows * group.rank, validation.evaluations, rows * group.size):
            batch = validation.evaluation(start, min(start + rows, validation.evaluations)).to(group.device)
            objective = getattr(state.objective, "module", state.objective)
            sums += torch.tensor([float(objective(*batch.inputs)), batch.count])
    loss, count = map(float, group.added_up(sums.to(group.device)))
    return loss / max(count, 1)


def _row(state: State, rate: float, losses: list[float], unit: str, speed: float) -> Row:
    return {
        "step": state.step,
        "loss": sum(losses) / len(losses),
        "rate": rate,
        unit: state.tokens,
        "seconds": round(state.seconds, 3),
        f"{unit}_per_second": round(speed, 1),
    }
