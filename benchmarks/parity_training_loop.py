"""Our training loop beside transformers' Trainer, and beside itself where a way of running it must change no result."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks.data import ROOT
from benchmarks.differences import Found, by_name, largest, together
from benchmarks.training_peers import (
    ALONE,
    ROWS,
    SGD,
    STEPS,
    VOCABULARY,
    Ended,
    Weights,
    go_on,
    here,
    recipe_of,
    settings,
    start,
    started,
    theirs_as_ours,
    trainer,
    weights_of,
)
from openbook.model import checkpoint
from openbook.train import checkpoint as run_checkpoint
from openbook.train.answers import Example, batch_of
from openbook.train.batches import Windows
from openbook.train.finetune_objective import AnswerObjective
from openbook.train.shards import write_shards


def steps_of_adamw(place: Path, *shape: str) -> Found:
    changes = settings(place, start(place, *shape))
    return by_name(here(changes).weights, trainer(place, changes).weights)


def norms(place: Path) -> Found:
    changes = settings(place, start(place))
    return largest([(here(changes).norms, trainer(place, changes).norms)])


def clipped(place: Path) -> Found:
    changes = settings(place, start(place), *SGD)
    return by_name(here(changes, sgd=True).weights, trainer(place, changes, optim="sgd").weights)


def accumulated(place: Path, reference: Callable[[Path, list[str], int], Ended]) -> Found:
    """In passes of one, two and three rows of a step, each compared with the reference for as many passes."""
    changes = settings(place, start(place), *SGD)
    return together(
        by_name(
            here([*changes, f"train.rows_at_once={rows}"], sgd=True).weights,
            reference(place, changes, ROWS // rows).weights,
        )
        for rows in (1, 2, 3)
    )


def two_processes(place: Path) -> Found:
    """As torchrun starts them, each with half of the rows."""
    changes = settings(place, start(place), "train.rows_at_once=2")
    (place / "empty.toml").touch()
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*command, "-m", "openbook", "train", str(place / "empty.toml"), *changes],
        check=False, capture_output=True, text=True, cwd=ROOT, timeout=120,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
    return by_name(weights_of(checkpoint.load(place / "run" / "model")[0]), here(changes).weights)


def resumed(place: Path) -> Found:
    """Saved half-way and read into a model that began otherwise; dropout draws from the generator that was kept."""
    recipe = recipe_of(settings(place, "model.dropout=0.2"))
    state, training = started(recipe)
    go_on(state, recipe, training, STEPS // 2)
    run_checkpoint.save(place, state, ALONE, seed=recipe.train.seed, batch=ROWS, keep=1)
    go_on(state, recipe, training, STEPS // 2)
    other, _ = started(recipe_of(settings(place, "model.dropout=0.2", "train.seed=5")))
    newest = run_checkpoint.newest(place)
    assert newest is not None
    run_checkpoint.restore(newest, other, ALONE)
    go_on(other, recipe, training, STEPS // 2)
    return by_name(weights_of(other.model), weights_of(state.model))


def technique(place: Path, change: str) -> Found:
    """With a technique that must change no result, and without."""
    changes = settings(place, start(place))
    return by_name(here([*changes, change]).weights, here(changes).weights)


def packed(place: Path) -> Found:
    """Gradients of documents in one row, and of each in a row of its own."""
    state, _ = started(recipe_of(settings(place, "model.context=64")))
    rng = np.random.default_rng(0)
    shards = write_shards(place / "few", [[rng.integers(0, VOCABULARY, n)] for n in (9, 5, 2, 16, 12, 21)], VOCABULARY)
    found: list[Weights] = []
    for pack in (True, False):
        windows = Windows(shards, 0, shards.tokens, 64, packed=pack)
        batch = windows.evaluation(0, windows.evaluations)
        state.model.zero_grad()
        (state.objective(batch.ids, batch.targets, batch.documents) / batch.count).backward()
        found.append({name: p.grad for name, p in state.model.named_parameters() if p.grad is not None})
    return by_name(*found)


def answers(place: Path) -> Found:
    """Weights after a step down the gradient of the answers' loss, examples packed here, in rows of their own there."""
    from transformers import AutoModelForCausalLM

    start(place, "model.context=64")
    model = checkpoint.load(place / "start")[0]
    rng = np.random.default_rng(0)
    examples = [Example(rng.integers(0, VOCABULARY, n), np.arange(n) >= n // 2) for n in (9, 5, 14, 20, 3, 11)]
    batch = batch_of(examples, 64)
    objective = AnswerObjective(model, chunked=True)
    (objective(batch.ids, batch.targets, batch.documents) / batch.count).backward()
    torch.optim.SGD(model.parameters(), lr=1.0).step()
    theirs = AutoModelForCausalLM.from_pretrained(place / "start")
    for example in examples:
        labels = torch.from_numpy(np.where(example.counts, example.ids, -100))[None]
        theirs(torch.from_numpy(example.ids)[None], labels=labels, num_items_in_batch=batch.count).loss.backward()
    torch.optim.SGD(theirs.parameters(), lr=1.0).step()
    return by_name(weights_of(model), theirs_as_ours(theirs, place / "theirs"))
