"""Training the pair encoder from its recipe, with the one training loop: cloze questions first, then people's.

What comes of it: the folder ``model`` with the mean of the last checkpoints' weights, which ``compress`` makes an INT8
graph of.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from openbook.compress.recipe import read_recipe
from openbook.compress.source import fetch
from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.pair import open_pair
from openbook.encode.pair_input import ROW_TOKENS
from openbook.encode.wordpiece import WordPiece
from openbook.heads.examples import Example
from openbook.heads.pair_batches import PairBatch, PairRows, Pairs, encoded
from openbook.heads.pair_data import Say, made_claims, made_injections, part_of_sets, training_pairs
from openbook.heads.pair_encoder import PairEncoder
from openbook.heads.pair_loss import PairTargets, pair_loss
from openbook.heads.pair_recipe import PairRecipe
from openbook.heads.pair_scores import in_words, read_all
from openbook.heads.pair_ship import ship
from openbook.model import Encoder
from openbook.model import checkpoint as model_folder
from openbook.model.config import EncoderConfig
from openbook.train import checkpoint, lora, techniques
from openbook.train.folder import RunFolder, claimed
from openbook.train.group import joined
from openbook.train.loop import Hooks, Row, train
from openbook.train.metrics import Metrics
from openbook.train.optimise import make
from openbook.train.picture import draw
from openbook.train.problems import TrainProblem
from openbook.train.recipe import TrainRecipe
from openbook.train.run import Watch
from openbook.train.state import State
from openbook.train.stop import stopping
from openbook.train.whole import whole_folder

VALIDATED = 1_000
"""Rows of the calibration part that the loss is watched on."""

WEIGHTS = "pair.safetensors"

DROPOUT = 0.1
"""Of activations, as BERT is fine-tuned (Devlin et al. 2018, appendix A.3). Not of attention weights: drawing so many
random numbers was a quarter of a step on a CPU.
"""


class PairObjective(nn.Module):
    """The model with its loss, as the loop calls it."""

    def __init__(self, model: PairEncoder, recipe: PairRecipe) -> None:
        super().__init__()
        self.model = model
        self.weights = recipe.no_answer, recipe.relevance

    def forward(self, rows: PairRows, targets: PairTargets, _: object) -> Tensor:
        """The summed loss of a batch."""
        return pair_loss(self.model(rows.ids, rows.kinds, rows.present, rows.passage), targets, *self.weights)


@dataclass(frozen=True, eq=False)
class Curriculum:
    """Cloze questions for the first ``steps`` steps, people's afterwards."""

    cloze: Pairs
    labelled: Pairs
    steps: int
    context: int = 256

    def training(self, seed: int, step: int, rows: int, first: int, last: int) -> PairBatch:
        if step < self.steps:
            return self.cloze.training(seed, step, rows, first, last)
        return self.labelled.training(seed, step - self.steps, rows, first, last)


@dataclass(frozen=True, slots=True)
class PairResult:
    """What was done. pairs: of people's questions, negatives among them; figures: of the calibration part, in words."""

    finished: bool
    step: int
    seconds: float
    pairs: int
    cloze: int
    figures: Mapping[str, str]
    model: Path
    shipped: Path | None


def run(recipe: PairRecipe, watch: Watch, say: Say, starts: Callable[[int, int], object]) -> PairResult:
    """Train as the recipe says, or go on with it; then ship. Raises OpenbookError in one line.

    starts: told the step that training begins from and the last one.
    """
    if not recipe.start.exists():
        raise TrainProblem(f"there is no {recipe.start} to begin from: make it first, or set base to another")
    as_train = cast("TrainRecipe", recipe)  # the loop reads the tables that all recipes have
    with joined(recipe.train.device) as group, claimed(as_train) as folder:
        pairs = training_pairs(recipe.data, recipe.train.seed, say)
        apart = recipe.data, "calibration", recipe.train.seed, say
        held = part_of_sets(*apart) + made_claims(*apart) + made_injections(*apart)
        tokens = WordPiece(open_folder(SHIPPED))
        say(f"{len(pairs.labelled):,} labelled pairs, {len(pairs.cloze):,} cloze questions before them")
        labelled, cloze = (_rows(tokens, part, recipe) for part in (pairs.labelled, pairs.cloze))
        curriculum = Curriculum(Pairs(cloze), Pairs(labelled), recipe.data.cloze_steps)
        drawn: list[int] = np.random.default_rng(0).permutation(len(held))[:VALIDATED].tolist()
        validation = Pairs(_rows(tokens, [held[n] for n in drawn], recipe))
        state = begin(recipe, group.device)
        with techniques.attention_kernel(recipe.train.attention):
            metrics = Metrics(folder.metrics)
            last = checkpoint.newest(folder.checkpoints)
            if last is not None:
                checkpoint.restore(last, state, group)
            metrics.back_to(state.step)
            starts(state.step, recipe.train.steps)
            with stopping() as stop:

                def record(row: Row) -> None:
                    metrics.add(row)
                    watch.record(row)

                def keep() -> None:
                    seed, rows, kept = recipe.train.seed, recipe.train.batch, recipe.out.keep
                    checkpoint.save(folder.checkpoints, state, group, seed=seed, batch=rows, keep=kept)

                hooks = Hooks(watch.progress, record, keep, stop)
                done = train(state, as_train, cast("Any", curriculum), cast("Any", validation), group, hooks)
        draw(folder, metrics.rows())
        model, shipped = folder.model, None
        figures: Mapping[str, str] = {}
        if done:
            take_mean(folder, state.model, recipe.average)
            write(model, cast("Any", state.model.cpu()))
            order: list[int] = np.random.default_rng(1).permutation(len(held)).tolist()
            others = [held[n] for n in order]
            shipped = ship(recipe, model, others)
            say("reading the calibration part with the INT8 model")
            figures = in_words(read_all(open_pair(shipped), others[:VALIDATED]))
        counts = len(pairs.labelled), len(pairs.cloze)
        return PairResult(done, state.step, state.seconds, *counts, figures, model, shipped)


def begin(recipe: PairRecipe, device: torch.device) -> State:
    """The untrained heads on the base."""
    torch.manual_seed(recipe.train.seed)  # pyright: ignore[reportUnknownMemberType]
    model = PairEncoder(base_encoder(recipe.start))
    if recipe.lora is not None:
        lora.add(model, recipe.lora)
        for layer in (model.span, model.pair, model.decide):
            layer.requires_grad_(requires_grad=True)
    elif recipe.frozen_words:
        model.encoder.embedding.requires_grad_(requires_grad=False)
    objective = PairObjective(model.to(device), recipe)
    objective.train()
    return State(cast("Any", model), objective, make(recipe.optimiser, model))


def base_encoder(start: Path) -> Encoder:
    """From a model folder, or from the originals that a shipped embedder's recipe names."""
    if start.suffix == ".toml":
        with TemporaryDirectory() as name:
            for file, content in fetch(read_recipe(start).source).items():
                (Path(name) / file).write_bytes(content)
            return base_encoder(Path(name))
    model, _ = model_folder.load(start, dtype=torch.float32)
    if not isinstance(model, Encoder):
        raise TrainProblem(f"{start} holds no encoder: set base to a BERT-shaped model's folder")
    config = replace(model.config, pooler=False, dropout=DROPOUT)  # the heads read the first token themselves
    encoder = Encoder(config)
    for block in encoder.blocks:
        cast("Any", block).attention.dropout = 0.0
    encoder.load_state_dict({name: t for name, t in model.state_dict().items() if not name.startswith("pooler.")})
    return encoder


def _rows(tokens: WordPiece, examples: Sequence[Example], recipe: PairRecipe) -> list[Any]:
    rng = np.random.default_rng(recipe.train.seed)
    return [encoded(tokens, e, with_heading=rng.random() < recipe.data.headings) for e in examples]


def take_mean(folder: RunFolder, model: nn.Module, count: int) -> None:
    """Give the model the mean of the weights at the last ``count`` checkpoints (Izmailov et al. 2018)."""
    places = sorted(folder.checkpoints.glob("step-*"))[-count:]
    kept = [checkpoint.load_tensors(place / "weights.safetensors") for place in places]
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.stack([tensors[name] for tensors in kept]).mean(0))


def write(target: Path, model: PairEncoder) -> None:
    """The trained weights, adapters merged, whole or not at all."""
    if lora.layers_of(model):
        lora.merge(model, keep=False)
    with whole_folder(target) as scratch:
        checkpoint.save_tensors(scratch / WEIGHTS, dict(model.named_parameters()))
        config = model.encoder.config
        said = {
            "format": 1,
            "heads": config.heads,
            "epsilon": config.epsilon,
            "window": min(ROW_TOKENS, config.context),
        }
        (scratch / "pair.json").write_text(json.dumps(said) + "\n")


def read(folder: Path) -> PairEncoder:
    """The model that ``write`` wrote, in evaluation mode. Raises OpenbookError where there is none."""
    tensors = checkpoint.load_tensors(folder / WEIGHTS)
    said = json.loads((folder / "pair.json").read_text(encoding="utf-8"))
    vocabulary, width = tensors["encoder.embedding.weight"].shape
    layers = 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith("encoder.blocks."))
    inner = tensors["encoder.blocks.0.feed_forward.up.weight"].shape[0]
    context = tensors["encoder.position.weight"].shape[0]
    config = EncoderConfig(vocabulary, width, layers, said["heads"], inner, context, epsilon=said["epsilon"])
    model = PairEncoder(Encoder(config))
    model.load_state_dict(tensors)
    return model.eval()
