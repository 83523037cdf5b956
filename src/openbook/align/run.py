"""A whole run of any method from its recipe: policy, optimiser, the last checkpoint if there is one; then its weights.

A method is a function that is given the policy and says what a step is. Heads that learn beside the policy (values,
rewards) are modules of the trainee, and are kept and gone on with as its weights are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import torch
from torch import nn

from openbook.align.loop import Method, optimise
from openbook.align.picture import draw
from openbook.align.policy import Policy, opened
from openbook.align.problems import AlignProblem, RanAway
from openbook.align.recipe import AlignRecipe
from openbook.model import Decoder
from openbook.train import checkpoint, lora
from openbook.train.folder import RunFolder, claimed
from openbook.train.group import Group, joined
from openbook.train.learnt import write_learnt
from openbook.train.loop import Row
from openbook.train.metrics import Metrics
from openbook.train.optimise import make
from openbook.train.peak_memory import peak_memory
from openbook.train.source_record import check_all, record_all
from openbook.train.state import State
from openbook.train.stop import stopping
from openbook.train.watch import Watch, hooks

R = TypeVar("R", bound=AlignRecipe)

REPLIES = "replies.jsonl"
"""Of a run's folder: what ``Method.said`` said at every evaluation."""


class Trainee(nn.Module):
    """What the optimiser moves: the policy's weights, and a head beside them where a method has one."""

    def __init__(self, model: Decoder, head: nn.Module | None) -> None:
        super().__init__()
        self.model = model
        self.head = head


@dataclass(frozen=True, slots=True)
class AlignPlan:
    """What is about to be done. begins: the step gone on from. notes: the method's own."""

    share: lora.Share
    steps: int
    begins: int
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlignResult:
    """What was done. rows: of the metrics. memory: the most bytes that the process held at once.

    weights: the folder of the adapter, or of the whole model; None where the run was stopped. note: why a run ended
    before its last step, for a person; empty where it did not. said: some replies of the last evaluation.
    """

    finished: bool
    step: int
    seconds: float
    rows: tuple[Row, ...]
    share: lora.Share
    memory: int
    folder: Path
    weights: Path | None
    adapted: bool
    base: Path
    note: str = ""
    said: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What a method makes its step of. head: the module that learns beside the policy, where there is one."""

    policy: Policy
    state: State
    head: nn.Module | None
    device: torch.device


Begin = Callable[[R, Setting], Method]
"""Makes the method of a recipe."""

Finish = Callable[[Path, Setting], None]
"""Writes what the method adds to the folder of weights, as a head."""


def run(
    recipe: R,
    watch: Watch,
    planned: Callable[[AlignPlan], None],
    begin: Begin[R],
    *,
    sources: dict[str, Path] | None = None,
    head: Callable[[Decoder], nn.Module] | None = None,
    finish: Finish | None = None,
) -> AlignResult:
    """Align as the recipe says, or go on with it.

    sources: what the run is begun on beside the base, by a name to keep its record under. head: a module that learns
    beside the policy. Raises AlignProblem, BadLora or BadCheckpoint in one line.
    """
    with joined(recipe.train.device) as group, claimed(recipe) as folder:
        if group.size > 1:
            raise AlignProblem("aligning runs in one process: start it without torchrun")
        if recipe.train.threads:
            torch.set_num_threads(recipe.train.threads)
        policy = opened(recipe.base, recipe.lora, recipe.end, recipe.train.seed, group.device)
        begun_on = {"base.json": recipe.base.folder, **(sources or {})}
        check_all(begun_on, folder.tokens)
        record_all(begun_on, folder.tokens)
        made = head(policy.model).to(group.device) if head is not None else None
        trainee = Trainee(policy.model, made).eval()
        state = State(cast("Decoder", trainee), trainee, make(recipe.optimiser, trainee))
        setting = Setting(policy, state, made, group.device)
        method = begin(recipe, setting)
        last = checkpoint.newest(folder.checkpoints)
        if last is not None:
            checkpoint.restore(last, state, group)
        metrics, replies = Metrics(folder.metrics), Metrics(folder.path / REPLIES)
        for kept in (metrics, replies):
            kept.back_to(state.step if last is not None else -1)
        planned(AlignPlan(lora.trainable_share(trainee), recipe.train.steps, state.step, method.notes))
        try:
            with stopping() as stop:
                told = hooks(recipe, state, folder, metrics, group, watch, stop)
                finished = optimise(state, recipe, method, told, replies)
        except RanAway as problem:
            raise problem.leaving(_left(recipe, setting, folder, group, finish)) from None
        written = _written(recipe, setting, folder, finish) if finished else None
        rows, said = metrics.rows(), replies.rows()
        draw(folder.path, rows)
        return AlignResult(
            finished, state.step, state.seconds, tuple(rows), lora.trainable_share(trainee), peak_memory(), folder.path,
            written, policy.adapted, recipe.base.folder, _note(recipe, state.step) if finished else "",
            tuple(row for row in said if row["step"] == said[-1]["step"]),
        )  # fmt: skip


def _note(recipe: AlignRecipe, step: int) -> str:
    if step == recipe.train.steps:
        return ""
    return (
        f"ended at step {step:,} of {recipe.train.steps:,}: in {recipe.limits.idle:,} steps in succession all replies "
        "to a prompt had equal rewards, so nothing was left to learn; take harder problems if all were right, easier "
        "ones if all were wrong"
    )


def _left(recipe: AlignRecipe, setting: Setting, folder: RunFolder, group: Group, finish: Finish | None) -> str:
    """The last checkpoint's weights are written, since the run cannot go on; says so, or that there are none."""
    last = checkpoint.newest(folder.checkpoints)
    if last is None:
        return (
            f"no step was kept before (out.checkpoint_every = {recipe.out.checkpoint_every:,}), so nothing is written"
        )
    checkpoint.restore(last, setting.state, group)
    return f"what step {setting.state.step:,} kept is in {_written(recipe, setting, folder, finish)}"


def _written(recipe: AlignRecipe, setting: Setting, folder: RunFolder, finish: Finish | None) -> Path:
    def beside(scratch: Path) -> None:
        if finish is not None:
            finish(scratch, setting)

    policy = setting.policy
    return write_learnt(folder, policy.model, recipe.base.folder, adapted=policy.adapted, beside=beside)
