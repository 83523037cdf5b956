"""The trainings of benchmarks/verifiable_rewards.py, each kept in a folder, so that a stopped run goes on."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.random import Generator

from benchmarks.data import ROOT
from openbook import recipes
from openbook.align import sft
from openbook.align.online_recipe import GrpoRecipe
from openbook.align.online_run import run_grpo
from openbook.align.sft_recipe import SftRecipe
from openbook.align.task import Problem, Task
from openbook.report.files import write_whole
from openbook.train.watch import Watch

SFT, GRPO = "recipes/arithmetic-sft.toml", "recipes/arithmetic-grpo.toml"
FIRST, DOUBLINGS = 300, 5
"""Steps of the shortest supervised training; how often they are doubled at most."""

RISE = 0.02
"""Of validation accuracy: a doubling that brings less has reached the plateau."""

Stage = dict[str, Any]
"""steps; seconds of one core; model, its folder; of a supervised training accuracy on problems kept apart, of GRPO the
rows that it recorded.
"""


def told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def kept(path: Path, make: Callable[[], Stage]) -> Stage:
    """What the file holds; where there is none, what is made now, and held there from now on."""
    if not path.exists():
        write_whole(path, json.dumps(make()))
    return json.loads(path.read_text(encoding="utf-8"))


def supervised(recipe: SftRecipe, steps: int, folder: Path) -> Stage:
    """A training of so many steps, from new weights."""
    wanted = replace(
        recipe,
        train=replace(recipe.train, steps=steps),
        out=replace(recipe.out, folder=str(folder), evaluate_every=0, checkpoint_every=0),
    )
    shutil.rmtree(folder, ignore_errors=True)  # begun and not ended: its seconds would be of a part
    started = time.process_time()
    result = sft.run(wanted, Watch(lambda _: None, lambda _: None, lambda _: None), lambda _: None)
    seconds = time.process_time() - started
    assert result.measured is not None
    accuracy = result.measured.accuracy.value
    told(f"{folder.name}: {steps} steps, {accuracy:.3f} right of those kept apart, {seconds:.0f} s")
    return {"steps": steps, "accuracy": accuracy, "seconds": seconds, "model": str(result.model)}


def plateau(recipe: SftRecipe, folder: Path) -> list[Stage]:
    """Every length tried, each a whole schedule from new weights; the last one brought less than ``RISE``."""
    tried: list[Stage] = []
    for doubled in range(DOUBLINGS + 1):
        steps = FIRST << doubled
        name = f"supervised-{steps}"
        tried.append(kept(folder / f"{name}.json", lambda: supervised(recipe, steps, folder / name)))  # noqa: B023
        before = [one["accuracy"] for one in tried[:-1]]
        if before and tried[-1]["accuracy"] < max(before) + RISE:
            return tried
    raise SystemExit(f"accuracy still rises after {tried[-1]['steps']} steps: there is no plateau to begin from")


def rewarded(base: str, task: Task, seed: int, folder: Path) -> Stage:
    """GRPO from this model."""
    shutil.rmtree(folder, ignore_errors=True)
    wanted = [f"base.model={base}", "base.recipe=", f"train.seed={seed}", "train.threads=1", f"out.folder={folder}"]
    recipe = recipes.read(ROOT / GRPO, GrpoRecipe, [*wanted, "out.checkpoint_every=0"])

    def row(found: Any) -> None:
        if "held_reward" in found:
            told(f"GRPO step {found['step']}: reward {found['held_reward']:.3f} of problems held apart")

    started = time.process_time()
    result = run_grpo(recipe, Watch(lambda _: None, lambda _: None, row), lambda _: None, task)
    seconds = time.process_time() - started
    assert result.weights is not None
    return {
        "steps": result.step,
        "seconds": seconds,
        "rows": [dict(row) for row in result.rows],
        "model": str(result.weights),
    }


def apart(task: Task, tested: Sequence[Problem]) -> Task:
    """The task without the problems of the test."""
    prompts = {one.prompt for one in tested}

    def drawn(rng: Generator, size: int) -> Problem:
        while (found := task.draw(rng, size)).prompt in prompts:
            pass
        return found

    return replace(task, draw=drawn)
