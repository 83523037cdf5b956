"""Training the pair encoder from its recipe, with the one training loop: cloze questions first, then people's.

Several runs, where the recipe asks for them, begin from the same weights and see the rows in other orders. What comes
of it: the folder ``model`` with the mean of what they came to, which ``compress`` makes an INT8 graph of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np
import torch

from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.pair import open_pair
from openbook.encode.wordpiece import WordPiece
from openbook.heads.examples import Example
from openbook.heads.pair_batches import PairBatch, Pairs, encoded
from openbook.heads.pair_checkpoint import take_mean, write_mean
from openbook.heads.pair_data import Say, made_claims, made_injections, part_of_sets, training_pairs
from openbook.heads.pair_encoder import PairEncoder
from openbook.heads.pair_recipe import PairRecipe
from openbook.heads.pair_scores import in_words, read_all
from openbook.heads.pair_ship import ship
from openbook.heads.pair_start import begin
from openbook.train import checkpoint, techniques
from openbook.train.folder import claimed
from openbook.train.group import Group, joined
from openbook.train.loop import Hooks, Row, train
from openbook.train.metrics import Metrics
from openbook.train.picture import draw
from openbook.train.problems import TrainProblem
from openbook.train.state import State
from openbook.train.stop import stopping
from openbook.train.watch import Watch

VALIDATED = 1_000
"""Rows of the calibration part that the loss is watched on."""


@dataclass(frozen=True, eq=False)
class Curriculum:
    """Cloze questions for the first ``steps`` steps, people's afterwards."""

    cloze: Pairs
    labelled: Pairs
    steps: int

    unit: ClassVar[str] = "tokens"

    def training(self, seed: int, step: int, rows: int, first: int, last: int) -> PairBatch:
        if step < self.steps:
            return self.cloze.training(seed, step, rows, first, last)
        return self.labelled.training(seed, step - self.steps, rows, first, last)


@dataclass(frozen=True, slots=True)
class PairResult:
    """What was done. step, seconds: of all runs; pairs: of people's questions, negatives among them; figures: of the
    calibration part, in words.
    """

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

    starts: told the step that training begins from and the last one, of all runs together.
    """
    if not recipe.start.exists():
        raise TrainProblem(f"there is no {recipe.start} to begin from: make it first, or set base to another")
    with joined(recipe.train.device) as group, claimed(recipe) as folder:
        pairs = training_pairs(recipe.data, recipe.train.seed, say)
        apart = recipe.data, "calibration", recipe.train.seed, say
        held = part_of_sets(*apart) + made_claims(*apart) + made_injections(*apart)
        tokens = WordPiece(open_folder(SHIPPED))
        say(f"{len(pairs.labelled):,} labelled pairs, {len(pairs.cloze):,} cloze questions before them")
        labelled, cloze = (_rows(tokens, part, recipe) for part in (pairs.labelled, pairs.cloze))
        curriculum = Curriculum(Pairs(cloze), Pairs(labelled), recipe.data.cloze_steps)
        drawn: list[int] = np.random.default_rng(0).permutation(len(held))[:VALIDATED].tolist()
        validation = Pairs(_rows(tokens, [held[n] for n in drawn], recipe))
        sight = Sight(watch, Metrics(folder.metrics), starts)
        counts = len(pairs.labelled), len(pairs.cloze)
        ended: list[PairEncoder] = []
        seconds = 0.0
        for number in range(recipe.runs):
            kept = folder.checkpoints / f"run-{number}" if recipe.runs > 1 else folder.checkpoints
            state, done = _one(recipe, number, kept, (curriculum, validation), group, sight)
            seconds += state.seconds
            if not done:
                draw(folder, sight.metrics.rows())
                at = number * recipe.train.steps + state.step
                return PairResult(False, at, seconds, *counts, {}, folder.model, None)
            ended.append(take_mean(kept, cast("PairEncoder", state.model), recipe.average))
        draw(folder, sight.metrics.rows())
        write_mean(folder.model, ended)
        order: list[int] = np.random.default_rng(1).permutation(len(held)).tolist()
        others = [held[n] for n in order]
        shipped = ship(recipe, folder.model, others)
        say("reading the calibration part with the INT8 model")
        figures = in_words(read_all(open_pair(shipped), others[:VALIDATED]))
        steps = recipe.runs * recipe.train.steps
        return PairResult(True, steps, seconds, *counts, figures, folder.model, shipped)


@dataclass(frozen=True, slots=True)
class Sight:
    """Who is told of a training, and the file of its metrics."""

    watch: Watch
    metrics: Metrics
    starts: Callable[[int, int], object]


def _one(
    recipe: PairRecipe, number: int, kept: Path, data: tuple[Curriculum, Pairs], group: Group, sight: Sight
) -> tuple[State, bool]:
    """One run of several, or the rest of it, and whether it ended: from the start that all have, in its own order.

    Metrics count the steps of all runs.
    """
    steps, seed = recipe.train.steps, recipe.train.seed + number
    before = number * steps
    state = begin(recipe, group.device)
    torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType]
    last = checkpoint.newest(kept)
    if last is not None:
        checkpoint.restore(last, state, group)
    if state.step == steps:
        return state, True
    sight.metrics.back_to(before + state.step)
    if number == 0 or state.step:
        sight.starts(before + state.step, recipe.runs * steps)

    def record(row: Row) -> None:
        counted = {**row, "step": before + row["step"]}
        sight.metrics.add(counted)
        sight.watch.record(counted)

    def keep() -> None:
        checkpoint.save(kept, state, group, seed=seed, batch=recipe.train.batch, keep=recipe.out.keep)

    of_this_run = replace(recipe, train=replace(recipe.train, seed=seed))
    with techniques.attention_kernel(recipe.train.attention), stopping() as stop:
        hooks = Hooks(lambda step: sight.watch.progress(before + step), record, keep, stop)
        return state, train(state, of_this_run, *data, group, hooks)


def _rows(tokens: WordPiece, examples: Sequence[Example], recipe: PairRecipe) -> list[Any]:
    rng = np.random.default_rng(recipe.train.seed)
    return [encoded(tokens, e, with_heading=rng.random() < recipe.data.headings) for e in examples]
