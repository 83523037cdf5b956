"""A fine-tuning run from its recipe: base, answers, adapter or all weights, the training loop, and what comes of it.

The loop, its checkpoints and its exact resume are those of pre-training. What differs is here: which weights learn, and
a loss whose output layer is computed for the tokens of the answers alone.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from openbook.model import Decoder
from openbook.train import answers, checkpoint, lora, techniques
from openbook.train.answers import Answers
from openbook.train.base import base_is_there, not_there, open_base
from openbook.train.finetune_objective import AnswerObjective
from openbook.train.finetune_recipe import FinetuneRecipe
from openbook.train.finetune_sample import Sample, shown
from openbook.train.folder import claimed
from openbook.train.group import Group, joined
from openbook.train.learnt import write_learnt
from openbook.train.loop import evaluate, train
from openbook.train.metrics import Metrics
from openbook.train.optimise import make
from openbook.train.peak_memory import peak_memory
from openbook.train.picture import draw
from openbook.train.problems import TrainProblem
from openbook.train.source_record import check_all, record_all
from openbook.train.state import State
from openbook.train.stop import stopping
from openbook.train.watch import Watch, hooks


@dataclass(frozen=True, slots=True)
class FinetunePlan:
    """What is about to be done. skipped: examples longer than the context. before: validation loss of the base."""

    share: lora.Share
    examples: int
    validation: int
    skipped: int
    answer_tokens: int
    steps: int
    begins: int
    epochs: float
    before: float | None


@dataclass(frozen=True, slots=True)
class FinetuneResult:
    """What was done. adapter: its folder, or None where all weights learnt and ``model`` holds them.

    before, after: validation loss. memory: the most bytes that the process held at once.
    """

    finished: bool
    step: int
    tokens: int
    seconds: float
    share: lora.Share
    before: float | None
    after: float | None
    memory: int
    folder: Path
    adapter: Path | None
    model: Path | None
    base: Path
    sample: Sample | None


def run(recipe: FinetuneRecipe, watch: Watch, planned: Callable[[FinetunePlan], None]) -> FinetuneResult:
    """Fine-tune as the recipe says, or go on with it. Raises TrainProblem, BadLora or BadCheckpoint in one line."""
    if not base_is_there(recipe.base):
        raise TrainProblem(not_there(recipe.base, "train"))
    with joined(recipe.train.device) as group, claimed(recipe) as folder:
        if group.size > 1:
            raise TrainProblem("fine-tuning runs in one process: start it without torchrun")
        if recipe.train.threads:
            torch.set_num_threads(recipe.train.threads)
        begun_on = {"answers.json": recipe.data.source, "base.json": recipe.base.folder}
        check_all(begun_on, folder.tokens)
        model, training, validation, skipped = prepared(recipe)
        record_all(begun_on, folder.tokens)
        state = begin(recipe, model.to(group.device), group)
        metrics = Metrics(folder.metrics)
        before = _before(recipe, state, validation, metrics, group)
        last = checkpoint.newest(folder.checkpoints)
        if last is not None:
            checkpoint.restore(last, state, group)
        metrics.back_to(state.step)
        planned(_plan(recipe, state, training, validation, skipped, before))
        with stopping() as stop:
            told = hooks(recipe, state, folder, metrics, group, watch, stop)
            finished = train(state, recipe, training, validation, group, told)
        share = lora.trainable_share(model)
        after = _loss(recipe, state, validation, group) if finished else None
        sample = shown(recipe.base.folder, model, validation, recipe.data.end) if finished else None
        adapted = recipe.lora is not None
        written = write_learnt(folder, model, recipe.base.folder, adapted=adapted) if finished else None
        draw(folder, metrics.rows())
        return FinetuneResult(
            finished, state.step, state.tokens, state.seconds, share, before, after, peak_memory(), folder.path,
            written if recipe.lora else None, None if recipe.lora else written, recipe.base.folder, sample,
        )  # fmt: skip


def prepared(recipe: FinetuneRecipe) -> tuple[Decoder, Answers, Answers | None, int]:
    """The base, ready to learn; the examples to learn and to validate on; how many were too long."""
    model, tokenizer = open_base(recipe.base)
    most = model.config.context
    context = min(recipe.data.context or most, most)
    found = [answers.encoded(parts, tokenizer, recipe.data.end) for parts in answers.read(
        recipe.data.source, recipe.data.template)]  # fmt: skip
    kept = answers.fitting(found, context)
    held = min(len(kept) - 1, round(len(kept) * recipe.data.validation))
    if not kept or (recipe.data.validation and held < 1):
        least = 2 if not recipe.data.validation else max(2, math.ceil(0.5 / recipe.data.validation))
        raise TrainProblem(
            f"{recipe.data.source} has {len(kept)} examples that fit {context} tokens, and {least} are the least that "
            f"data.validation={recipe.data.validation:g} can take some from: give more"
        )
    training, validation = Answers(kept[: len(kept) - held], context), Answers(kept[len(kept) - held :], context)
    torch.manual_seed(recipe.train.seed)  # pyright: ignore[reportUnknownMemberType]
    if recipe.lora is not None:
        lora.add(model, recipe.lora)
    return model, training, validation if held else None, len(found) - len(kept)


def begin(recipe: FinetuneRecipe, model: Decoder, group: Group) -> State:
    """The state before the first step."""
    optimisers = make(recipe.optimiser, model)
    if recipe.train.checkpointing:
        techniques.checkpoint_activations(model)
    objective = group.wrapped(AnswerObjective(model, chunked=recipe.train.chunked_loss))
    objective.train()
    return State(model, objective, optimisers)


def _loss(recipe: FinetuneRecipe, state: State, validation: Answers | None, group: Group) -> float | None:
    return None if validation is None else evaluate(state, recipe, validation, group)


def _before(
    recipe: FinetuneRecipe, state: State, validation: Answers | None, metrics: Metrics, group: Group
) -> float | None:
    """The base's validation loss, measured once and found again in the metrics when the run goes on."""
    for row in metrics.rows():
        if row["step"] == 0 and "validation_loss" in row:
            return row["validation_loss"]
    loss = _loss(recipe, state, validation, group)
    if loss is not None:
        metrics.add({"step": 0, "validation_loss": loss})
    return loss


def _plan(
    recipe: FinetuneRecipe,
    state: State,
    training: Answers,
    validation: Answers | None,
    skipped: int,
    before: float | None,
) -> FinetunePlan:
    return FinetunePlan(
        share=lora.trainable_share(state.model),
        examples=len(training.examples),
        validation=len(validation.examples) if validation else 0,
        skipped=skipped,
        answer_tokens=sum(int(example.counts[1:].sum()) for example in training.examples),
        steps=recipe.train.steps,
        begins=state.step,
        epochs=recipe.train.batch * recipe.train.steps / training.visits,
        before=before,
    )
