"""A whole run from its recipe: corpus, model, optimisers, the last checkpoint if there is one; at the end the model."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from openbook.model import Decoder, DecoderConfig
from openbook.model import checkpoint as model_folder
from openbook.train import checkpoint, techniques
from openbook.train.batches import Windows
from openbook.train.corpus import Corpus, prepare
from openbook.train.folder import RunFolder, claimed
from openbook.train.group import Group, joined
from openbook.train.loop import train
from openbook.train.metrics import Metrics
from openbook.train.optimise import make
from openbook.train.picture import draw
from openbook.train.problems import TrainProblem
from openbook.train.recipe import TrainRecipe
from openbook.train.start import from_start, read_as_the_start
from openbook.train.state import Objective, State
from openbook.train.stop import stopping
from openbook.train.watch import Watch, hooks
from openbook.train.whole import whole_folder


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be done. parameters: of the model; tokens: of the two parts; epochs: times the first is seen."""

    config: DecoderConfig
    parameters: int
    training_tokens: int
    validation_tokens: int
    vocabulary: int
    steps: int
    begins: int
    epochs: float
    processes: int
    device: str


@dataclass(frozen=True, slots=True)
class Result:
    """What was done. finished: false where it was stopped on request. losses are None where nothing was measured."""

    finished: bool
    step: int
    tokens: int
    seconds: float
    loss: float | None
    validation_loss: float | None
    folder: Path
    model: Path


def run(recipe: TrainRecipe, watch: Watch) -> Result:
    """Train as the recipe says, or go on with it. Raises TrainProblem or BadShape in one line."""
    with joined(recipe.train.device) as group, _settings(recipe), _folder(recipe, group) as folder:
        corpus = _corpus(recipe, folder, group)
        state = begin(recipe, corpus, group)
        last = checkpoint.newest(folder.checkpoints) if group.first else None
        group.wait()
        last = last or checkpoint.newest(folder.checkpoints)
        if last is not None:
            checkpoint.restore(last, state, group)
        already = state.step == recipe.train.steps
        training, validation = parts(recipe, corpus, state.model.config.context)
        metrics = Metrics(folder.metrics)
        if group.first:
            metrics.back_to(state.step)
            watch.planned(_plan(recipe, state, training, validation, group))
        with stopping() as stop:
            told = hooks(recipe, state, folder, metrics, group, watch, stop)
            finished = train(state, recipe, training, validation, group, told)
        if group.first and finished and not (already and folder.model.exists()):
            _finish(state, corpus, folder)
        rows = metrics.rows() if group.first else []
        if group.first:
            draw(folder, rows)
        losses, validated = ([row[key] for row in rows if key in row] for key in ("loss", "validation_loss"))
        return Result(
            finished,
            state.step,
            state.tokens,
            state.seconds,
            losses[-1] if losses else None,
            validated[-1] if validated else None,
            folder.path,
            folder.model,
        )


def begin(recipe: TrainRecipe, corpus: Corpus, group: Group) -> State:
    """The model as the seed makes it, or as its start folder has it, and its optimisers, both as yet untrained."""
    _seed(recipe.train.seed)
    model = _model(recipe, corpus.vocabulary).to(group.device)
    optimisers = make(recipe.optimiser, model)
    if recipe.train.checkpointing:
        techniques.checkpoint_activations(model)
    objective: nn.Module = Objective(model, chunked=recipe.train.chunked_loss)
    if recipe.train.compile != "no":
        techniques.check_compiler(group.device)
        if recipe.train.compile == "blocks":
            techniques.compile_blocks(model)
        else:
            techniques.compile_whole(objective)
    objective = group.wrapped(objective)
    objective.train()
    _seed(recipe.train.seed + group.rank)  # dropout differs between processes
    return State(model, objective, optimisers)


def parts(recipe: TrainRecipe, corpus: Corpus, context: int) -> tuple[Windows, Windows | None]:
    """The training and the validation part of the corpus, in rows. Raises TrainProblem where one is too short."""
    if recipe.data.validation and corpus.boundary >= corpus.shards.tokens:
        raise TrainProblem("no document is left for validation: give more documents, or set data.validation=0")
    training = Windows(corpus.shards, 0, corpus.boundary, context, recipe.data.pack)
    if not recipe.data.validation:
        return training, None
    return training, Windows(corpus.shards, corpus.boundary, corpus.shards.tokens, context, recipe.data.pack)


def _seed(seed: int) -> None:
    torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType]


def _model(recipe: TrainRecipe, vocabulary: int) -> Decoder:
    if not recipe.model.start:
        config = recipe.model.config(vocabulary)
        _check_savable(config)
        return Decoder(config)
    return from_start(recipe.model, vocabulary)


def _check_savable(config: DecoderConfig) -> None:
    """Before hours of training, not after: a small model of this shape is saved. Raises BadCheckpoint."""
    small = replace(config, vocabulary=2, layers=1, width=2 * config.heads, head_dim=2, inner=2, context=2)
    with tempfile.TemporaryDirectory() as scratch:
        model_folder.save(Path(scratch), Decoder(small))


@contextmanager
def _settings(recipe: TrainRecipe) -> Generator[None]:
    """Threads and the attention kernel, as they were before when the run ends."""
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    with ExitStack() as stack:
        if recipe.train.threads:
            torch.set_num_threads(recipe.train.threads)
            stack.callback(torch.set_num_threads, threads)
        torch.set_float32_matmul_precision("high")  # TF32 where a GPU has it
        stack.callback(torch.set_float32_matmul_precision, precision)
        stack.enter_context(techniques.attention_kernel(recipe.train.attention))
        yield


@contextmanager
def _folder(recipe: TrainRecipe, group: Group) -> Generator[RunFolder]:
    """Claimed by the first process; the others wait until it is."""
    if recipe.train.batch < group.size:
        raise TrainProblem(f"train.batch is {recipe.train.batch}, fewer rows than the {group.size} processes: raise it")
    if group.first:
        with claimed(recipe) as folder:
            group.wait()
            yield folder
    else:
        group.wait()
        yield RunFolder(Path(recipe.out.folder).expanduser())


def _corpus(recipe: TrainRecipe, folder: RunFolder, group: Group) -> Corpus:
    """Made by the first process alone."""
    data = read_as_the_start(recipe)
    if group.first:
        corpus = prepare(data, folder.tokens)
        group.wait()
        return corpus
    group.wait()
    return prepare(data, folder.tokens)


def _finish(state: State, corpus: Corpus, folder: RunFolder) -> None:
    """The model folder, whole or not at all, with the tokenizer it was trained with."""
    with whole_folder(folder.model) as scratch:
        model_folder.save(scratch, state.model)
        if corpus.tokenizer is not None:
            shutil.copyfile(corpus.tokenizer, scratch / "tokenizer.json")


def _plan(recipe: TrainRecipe, state: State, training: Windows, validation: Windows | None, group: Group) -> Plan:
    rows = recipe.train.batch * recipe.train.steps
    return Plan(
        config=state.model.config,
        parameters=sum(p.numel() for p in state.model.parameters()),
        training_tokens=training.end - training.start,
        validation_tokens=validation.end - validation.start if validation else 0,
        vocabulary=training.shards.vocabulary,
        steps=recipe.train.steps,
        begins=state.step,
        epochs=rows / training.visits,
        processes=group.size,
        device=str(group.device),
    )
