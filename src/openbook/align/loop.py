"""The loop of every method here: take a step, look at what it measured, record, evaluate, keep, stop.

A step is a function of the weights, the optimiser and its number alone: what it draws, it draws under the seed and that
number. So a run that was killed goes on from its last checkpoint exactly as it would have gone.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from openbook.align.problems import RanAway
from openbook.align.recipe import AlignRecipe
from openbook.train.loop import Hooks, Row
from openbook.train.metrics import Metrics
from openbook.train.optimise import set_rate
from openbook.train.schedules import share_of_peak
from openbook.train.state import State

Measures = Mapping[str, float]
"""What a step or an evaluation measured, by name: loss, reward, kl (nats a reply), entropy (nats a token), ..."""


@dataclass(frozen=True, slots=True)
class Method:
    """take: one whole step, its number given. evaluate: on what is kept apart, with names of its own.

    notes: what a person is told before the first step, each a name and a text: how much there is to learn from, and
    what was left out. said: some replies of the last evaluation, each with its prompt and what it is worth, since a
    reward that is hacked is seen in texts before it is seen in numbers.
    """

    take: Callable[[int], Measures]
    evaluate: Callable[[], Measures] | None = None
    notes: tuple[tuple[str, str], ...] = ()
    said: Callable[[], Sequence[Row]] = tuple[Row]


def optimise(state: State, recipe: AlignRecipe, method: Method, hooks: Hooks, replies: Metrics) -> bool:
    """From ``state.step`` to the recipe's last step. Returns whether it got there, rather than being stopped.

    It is there early where ``limits.idle`` steps in succession had only groups of equal rewards, since such a step
    teaches nothing; these are counted anew when a run goes on. replies: what ``method.said`` says is kept there.
    Raises RanAway for a loss that is not finite, before it reaches the weights, and for a policy too far from its
    reference.
    """
    out, steps = recipe.out, recipe.train.steps
    measured: list[Measures] = []
    since = time.perf_counter()
    idle = 0
    if state.step == 0:
        _evaluated(state, method, hooks, replies)
    while state.step < steps and idle < recipe.limits.idle:
        plan = recipe.schedule
        share = share_of_peak(plan.kind, state.step, steps, warmup=plan.warmup, decay=plan.decay, floor=plan.floor)
        set_rate(state.optimisers, recipe.optimiser.rate * share)
        found = method.take(state.step)
        state.step += 1
        check_kl(found, recipe, state.step)
        measured.append(found)
        idle = idle + 1 if found.get("equal") == 1 else 0
        last = state.step == steps or idle == recipe.limits.idle
        hooks.progress(state.step)
        asked = hooks.stop()
        log, evaluating, keeping = (
            last or asked or (every > 0 and state.step % every == 0)
            for every in (out.log_every, out.evaluate_every, out.checkpoint_every)
        )
        if not (log or evaluating or keeping):
            continue
        now = time.perf_counter()
        state.seconds += now - since
        hooks.record({"step": state.step, **mean(measured), "seconds": round(state.seconds, 3)})
        if evaluating and not asked:
            _evaluated(state, method, hooks, replies)
        if keeping:
            hooks.keep()
        if asked:
            return False
        measured, since = [], time.perf_counter()
    return True


def descend(state: State, losses: Iterable[Tensor], clip: float) -> tuple[float, float]:
    """One step of the optimiser on the sum of these losses, each of which is let go before the next is made.

    Returns the sum and the gradients' norm. Raises RanAway where either is not finite, the weights untouched.
    """
    total = 0.0
    for loss in losses:
        cast("Any", loss).backward()
        total += float(loss.detach())
    parameters = [p for p in state.model.parameters() if p.requires_grad]
    norm = float(clip_grad_norm_(parameters, clip or math.inf))
    if not math.isfinite(total) or not math.isfinite(norm):
        what = f"loss is {total}" if not math.isfinite(total) else f"gradient's norm is {norm}"
        raise RanAway(
            f"the {what} at step {state.step + 1}",
            "look at the rewards, or try a lower optimiser.rate, in another out.folder",
        )
    for optimiser in state.optimisers:
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    return total, norm


def check_kl(found: Measures, recipe: AlignRecipe, step: int) -> None:
    """Raises RanAway where the policy is further from its reference than ``limits.kl``."""
    kl = found.get("kl", 0.0)
    if not kl <= recipe.limits.kl:
        raise RanAway(
            f"the policy is {kl:.3g} nats a reply from its reference at step {step}, over limits.kl = "
            f"{recipe.limits.kl:g}",
            "raise beta or lower optimiser.rate, in another out.folder",
        )


def mean(measured: Iterable[Measures]) -> dict[str, float]:
    """Of each name, over the steps that measured it."""
    found: dict[str, list[float]] = {}
    for one in measured:
        for name, value in one.items():
            found.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in found.items()}


def _evaluated(state: State, method: Method, hooks: Hooks, replies: Metrics) -> None:
    if method.evaluate is not None:
        with torch.no_grad():
            hooks.record({"step": state.step, **method.evaluate()})
        for row in method.said():
            replies.add({"step": state.step, **row})
