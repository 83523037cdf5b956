"""A supervised model from a recipe: a decoder trained from nothing on a task's demonstrations, the replies alone.

What comes of it is a model folder, which the other methods take as their base. The loop, its checkpoints and its exact
resume are those of pre-training.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from openbook.align.demonstrations import Lessons, answers, lessons, opened_tokenizer
from openbook.align.evaluate_policy import Evaluated, evaluated
from openbook.align.policy import Policy
from openbook.align.problems import AlignProblem
from openbook.align.sft_recipe import SftRecipe
from openbook.model import Decoder
from openbook.model import checkpoint as model_folder
from openbook.tokens.tokenizer import Tokenizer
from openbook.train import checkpoint, techniques
from openbook.train.finetune_objective import AnswerObjective
from openbook.train.folder import RunFolder, claimed
from openbook.train.group import Group, joined
from openbook.train.loop import train
from openbook.train.metrics import Metrics
from openbook.train.optimise import make
from openbook.train.peak_memory import peak_memory
from openbook.train.picture import draw
from openbook.train.source_record import check_all, record_all
from openbook.train.state import State
from openbook.train.stop import stopping
from openbook.train.watch import Watch, hooks
from openbook.train.whole import whole_folder


@dataclass(frozen=True, slots=True)
class SftPlan:
    """What is about to be done. begins: the step gone on from. epochs: times each demonstration is seen."""

    parameters: int
    vocabulary: int
    examples: int
    validation: int
    steps: int
    begins: int
    epochs: float


@dataclass(frozen=True, slots=True)
class SftResult:
    """What was done. measured: likeliest replies to the problems kept apart, None where the run was stopped."""

    finished: bool
    step: int
    seconds: float
    loss: float | None
    validation_loss: float | None
    memory: int
    folder: Path
    model: Path
    measured: Evaluated | None


def run(recipe: SftRecipe, watch: Watch, planned: Callable[[SftPlan], None]) -> SftResult:
    """Train as the recipe says, or go on with it. Raises TrainProblem in one line."""
    with joined(recipe.train.device) as group, claimed(recipe) as folder:
        if group.size > 1:
            raise AlignProblem("a supervised model is trained in one process: start it without torchrun")
        if recipe.train.threads:
            torch.set_num_threads(recipe.train.threads)
        begun_on = {"task.json": recipe.task.file} if recipe.task.file is not None else {}
        check_all(begun_on, folder.tokens)
        record_all(begun_on, folder.tokens)
        found = lessons(recipe.task, recipe.end)
        tokenizer = opened_tokenizer(found.tokenizer)
        training, validation = (
            answers(part, tokenizer, recipe.end, recipe.model.context) for part in (found.training, found.validation)
        )
        state = begin(recipe, tokenizer.size, group)
        metrics = Metrics(folder.metrics)
        last = checkpoint.newest(folder.checkpoints)
        if last is not None:
            checkpoint.restore(last, state, group)
        metrics.back_to(state.step)
        parameters = sum(parameter.numel() for parameter in state.model.parameters())
        planned(
            SftPlan(
                parameters, tokenizer.size, len(found.training), len(found.validation), recipe.train.steps, state.step,
                recipe.train.batch * recipe.train.steps / training.visits,
            )
        )  # fmt: skip
        with stopping() as stop:
            told = hooks(recipe, state, folder, metrics, group, watch, stop)
            finished = train(state, recipe, training, validation, group, told)
        if finished:
            _finish(state, found, folder)
        rows = metrics.rows()
        draw(folder, rows)
        losses, validated = ([row[key] for row in rows if key in row] for key in ("loss", "validation_loss"))
        return SftResult(
            finished, state.step, state.seconds, losses[-1] if losses else None, validated[-1] if validated else None,
            peak_memory(), folder.path, folder.model,
            measured(state.model, tokenizer, recipe.end, found) if finished else None,
        )  # fmt: skip


def begin(recipe: SftRecipe, vocabulary: int, group: Group) -> State:
    """The state before the first step."""
    torch.manual_seed(recipe.train.seed)  # pyright: ignore[reportUnknownMemberType]
    model = Decoder(recipe.model.config(vocabulary)).to(group.device)
    if recipe.train.checkpointing:
        techniques.checkpoint_activations(model)
    objective = AnswerObjective(model, chunked=recipe.train.chunked_loss)
    objective.train()
    return State(model, objective, make(recipe.optimiser, model))


def measured(model: Decoder, tokenizer: Tokenizer, end: str, found: Lessons) -> Evaluated:
    """The likeliest replies to the problems kept apart, of twice the tokens of the longest demonstration at most."""
    policy = Policy(model.eval(), tokenizer, tokenizer.id_of(end), adapted=False)
    longest = max(map(len, tokenizer.ids_batch([one.solution for one in found.validation])))
    return evaluated(policy, found.task, found.validation, most=2 * longest)


def _finish(state: State, found: Lessons, folder: RunFolder) -> None:
    """The model folder, whole or not at all."""
    with whole_folder(folder.model) as scratch:
        model_folder.save(scratch, state.model)
        (scratch / "tokenizer.json").write_text(found.tokenizer, encoding="utf-8")
