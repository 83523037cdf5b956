"""A whole run of diffusion from its recipe: pictures, network, the training loop, samples as it learns, and its folder.

The loop, its checkpoints and its exact resume are those of every training here. Beside the weights that learn, a
checkpoint keeps their moving average, which is what draws, is measured, and is written in the end.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import torch

from openbook.diffusion.described import Described
from openbook.diffusion.learn.begin import begin, describe
from openbook.diffusion.learn.data import pictures_of
from openbook.diffusion.learn.denoiser import Denoiser
from openbook.diffusion.learn.folder import save
from openbook.diffusion.learn.objective import Objective
from openbook.diffusion.learn.pictures import Pictures, parted
from openbook.diffusion.learn.recipe import DiffusionRecipe
from openbook.diffusion.learn.samples import sheet, sheet_png
from openbook.diffusion.problems import DiffusionProblem
from openbook.train import checkpoint, techniques
from openbook.train.folder import RunFolder, claimed
from openbook.train.group import joined
from openbook.train.loop import Hooks, Row, train
from openbook.train.metrics import Metrics
from openbook.train.picture import draw
from openbook.train.source_record import check_all, record_all
from openbook.train.state import State
from openbook.train.stop import stopping
from openbook.train.watch import Watch, hooks
from openbook.train.whole import whole_folder, write_whole


@dataclass(frozen=True, slots=True)
class DiffusionPlan:
    """What is about to be done. labels: classes, or texts. left_out: pictures that could not be used, and why."""

    parameters: int
    learnt: int
    kept_apart: int
    labels: int
    texts: bool
    steps: int
    begins: int
    epochs: float
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DiffusionResult:
    """What was done. sheet: the last samples drawn; None where none were. left_out: as the plan has them."""

    finished: bool
    step: int
    pictures: int
    seconds: float
    loss: float | None
    validation_loss: float | None
    folder: Path
    model: Path
    sheet: Path | None
    left_out: tuple[tuple[str, str], ...]


def run(recipe: DiffusionRecipe, watch: Watch, planned: Callable[[DiffusionPlan], None]) -> DiffusionResult:
    """Train as the recipe says, or go on with it. Raises DiffusionProblem or TrainProblem in one line."""
    with joined(recipe.train.device) as group, claimed(recipe) as folder, ExitStack() as stack:
        if group.size > 1:
            raise DiffusionProblem("diffusion is trained in one process: start it without torchrun")
        if recipe.train.threads:
            torch.set_num_threads(recipe.train.threads)
        stack.enter_context(techniques.attention_kernel(recipe.train.attention))
        begun_on = {} if recipe.data.source is None else {"pictures.json": recipe.data.source}
        check_all(begun_on, folder.tokens)
        pictures = pictures_of(recipe.data)
        record_all(begun_on, folder.tokens)
        learnt, apart = parted(pictures, recipe.data.validation, recipe.diffusion)
        described = describe(recipe, pictures)
        state = begin(recipe, described, group)
        last = checkpoint.newest(folder.checkpoints)
        if last is not None:
            checkpoint.restore(last, state, group)
        metrics = Metrics(folder.metrics)
        metrics.back_to(state.step)
        parameters = sum(p.numel() for p in state.model.parameters() if p.requires_grad)
        planned(
            DiffusionPlan(
                parameters, learnt.visits, apart.visits if apart else 0, len(pictures.names),
                pictures.vectors is not None, recipe.train.steps,
                state.step, recipe.train.batch * recipe.train.steps / learnt.visits, pictures.left_out,
            )
        )  # fmt: skip
        with stopping() as stop:
            told = hooks(recipe, state, folder, metrics, group, watch, stop)
            finished = train(state, recipe, learnt, apart, group, _drawing(told, recipe, state, pictures, folder))
        if finished:
            _finish(state, described, folder)
        rows = metrics.rows()
        draw(folder, rows, "squared error of a prediction")
        losses, validated = ([row[key] for row in rows if key in row] for key in ("loss", "validation_loss"))
        return DiffusionResult(
            finished, state.step, state.tokens, state.seconds, losses[-1] if losses else None,
            validated[-1] if validated else None, folder.path, folder.model,
            max(folder.path.glob("samples-*.png"), default=None), pictures.left_out,
        )  # fmt: skip


def _drawing(told: Hooks, recipe: DiffusionRecipe, state: State, pictures: Pictures, folder: RunFolder) -> Hooks:
    """The same hooks, and samples of the average at every evaluation and at the end."""
    average = cast("Objective", state.objective).average

    def record(row: Row) -> None:
        told.record(row)
        at, every = row["step"], recipe.out.evaluate_every
        if "loss" in row and (at == recipe.train.steps or (every and at % every == 0)):
            wanted = sheet(
                average, recipe.diffusion.prediction, recipe.diffusion.schedule(), pictures, recipe.sheet
            )  # fmt: skip
            write_whole(folder.path / f"samples-{at:09}.png", sheet_png(wanted))

    return replace(told, record=record)


def _finish(state: State, described: Described, folder: RunFolder) -> None:
    """The model folder, whole or not at all."""
    average: Denoiser = cast("Objective", state.objective).average
    with whole_folder(folder.model) as scratch:
        save(scratch, average, described)
