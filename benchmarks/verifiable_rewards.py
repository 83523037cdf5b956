"""What rewards from a checker add to a supervised model that its demonstrations have no more to teach.

A small decoder learns multi-digit arithmetic from few worked demonstrations. The steps of that training are doubled,
each time with a whole schedule from new weights, until accuracy on problems kept apart no longer rises: that is the
plateau, and its best model the base. Then GRPO on fresh problems, with the checker alone; and, as a control, supervised
training again for as many CPU seconds as the base and GRPO took together. All are asked problems that none has seen.
Three seeds choose demonstrations, weights and draws. Writes evidence/verifiable_rewards.json.
Run: python -m benchmarks.verifiable_rewards
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import torch
from numpy.random import Generator

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish, with_interval
from openbook import recipes
from openbook.align import sft
from openbook.align.demonstrations import lessons, unseen
from openbook.align.evaluate_policy import Evaluated, evaluated
from openbook.align.online_recipe import GrpoRecipe
from openbook.align.online_run import run_grpo
from openbook.align.policy import opened
from openbook.align.sft_recipe import SftRecipe
from openbook.align.task import Problem, Task
from openbook.evaluate.intervals import Interval, wilson_in_groups
from openbook.evaluate.significance import paired_randomisation
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.train.finetune_recipe import Base
from openbook.train.watch import Watch

SFT, GRPO = "recipes/arithmetic-sft.toml", "recipes/arithmetic-grpo.toml"
SEEDS = (0, 1, 2)
FIRST, DOUBLINGS = 150, 5
"""Steps of the shortest supervised training; how often they are doubled at most."""

RISE = 0.02
"""Of validation accuracy: a doubling that brings less has reached the plateau."""

TEST, KEPT = 500, 300
WAYS = ("supervised plateau", "more supervised training", "GRPO")

Right = list[bool]


@dataclass(frozen=True, slots=True)
class Supervised:
    """One training. accuracy: on problems kept apart, by which the plateau is found."""

    steps: int
    accuracy: float
    seconds: float
    model: Path


@dataclass(frozen=True, slots=True)
class Trial:
    """One seed. tried: every length of supervised training. right: by way, of each test problem."""

    seed: int
    tried: list[Supervised]
    best: Supervised
    grpo_seconds: float
    control_steps: int
    right: dict[str, Right]
    tokens: dict[str, float]


def told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def supervised(recipe: SftRecipe, steps: int, folder: Path) -> Supervised:
    wanted = replace(
        recipe,
        train=replace(recipe.train, steps=steps),
        out=replace(recipe.out, folder=str(folder), evaluate_every=0, checkpoint_every=0),
    )
    started = time.process_time()
    result = sft.run(wanted, Watch(lambda _: None, lambda _: None, lambda _: None), lambda _: None)
    assert result.measured is not None
    accuracy = result.measured.accuracy.value
    told(f"{steps} supervised steps: {accuracy:.3f} right of those kept apart, {result.seconds:.0f} s")
    return Supervised(steps, accuracy, time.process_time() - started, result.model)


def plateau(recipe: SftRecipe, folder: Path) -> tuple[list[Supervised], Supervised]:
    """Every length tried, and the best."""
    tried = [supervised(recipe, FIRST, folder / "0")]
    for doubled in range(1, DOUBLINGS + 1):
        tried.append(supervised(recipe, FIRST << doubled, folder / str(doubled)))
        if tried[-1].accuracy < max(one.accuracy for one in tried[:-1]) + RISE:
            break
    return tried, max(tried, key=lambda one: one.accuracy)


def apart(task: Task, tested: Sequence[Problem]) -> Task:
    """The task without the problems of the test."""
    prompts = {one.prompt for one in tested}

    def drawn(rng: Generator, size: int) -> Problem:
        while (found := task.draw(rng, size)).prompt in prompts:
            pass
        return found

    return replace(task, draw=drawn)


def asked(model: Path, task: Task, problems: Sequence[Problem], end: str, most: int) -> Evaluated:
    policy = opened(Base(str(model)), None, end, 0, torch.device("cpu"))
    return evaluated(policy, task, problems, most=most)


def trial(seed: int, folder: Path, grpo_steps: int | None) -> Trial:
    recipe = recipes.read(ROOT / SFT, SftRecipe, [f"task.seed={seed}", f"train.seed={seed}", f"task.validation={KEPT}"])
    recipe = replace(recipe, train=replace(recipe.train, threads=1))
    learnt = lessons(recipe.task, recipe.end)
    seen = {one.prompt for part in (learnt.training, learnt.validation) for one in part}
    test = unseen(learnt.task, TEST, [seed, 9], seen, recipe.task.between)
    tried, best = plateau(recipe, folder / "sft")
    changes = [f"base.model={best.model}", "base.recipe=", f"train.seed={seed}", f"out.folder={folder / 'grpo'}"]
    changes += ["out.checkpoint_every=0", "train.threads=1", *([f"train.steps={grpo_steps}"] if grpo_steps else [])]
    online = recipes.read(ROOT / GRPO, GrpoRecipe, changes)

    def row(found: object) -> None:
        shown = found if isinstance(found, dict) else {}
        if "held_reward" in shown:
            told(f"GRPO step {shown['step']}: reward {shown['held_reward']:.3f} of problems held apart")

    started = time.process_time()
    result = run_grpo(online, Watch(lambda _: None, lambda _: None, row), lambda _: None, apart(learnt.task, test))
    grpo_seconds = time.process_time() - started
    assert result.weights is not None
    steps = round(best.steps * (best.seconds + grpo_seconds) / best.seconds)
    control = supervised(recipe, steps, folder / "control")
    models = dict(zip(WAYS, (best.model, control.model, result.weights), strict=True))
    found = {way: asked(model, learnt.task, test, recipe.end, online.grpo.most) for way, model in models.items()}
    right = {way: one.right[:, 0].tolist() for way, one in found.items()}
    told(f"seed {seed}: " + ", ".join(f"{way} {sum(right[way]) / TEST:.3f}" for way in WAYS))
    lengths = {way: one.length for way, one in found.items()}
    return Trial(seed, tried, best, grpo_seconds, steps, right, lengths)


def together(trials: Sequence[Trial], way: str) -> Interval:
    """Over all seeds, whose problems are independent draws; a problem is a group of its own."""
    right = [hit for one in trials for hit in one.right[way]]
    return wilson_in_groups(right, list(range(len(right))))


def tables(trials: Sequence[Trial]) -> tuple[dict[str, Table], list[Figure]]:
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for way in WAYS:
        found = together(trials, way)
        against = "–"
        if way != "GRPO":
            pair = ([float(hit) for one in trials for hit in one.right[name]] for name in ("GRPO", way))
            test = paired_randomisation(*pair)
            against = f"{test.difference:+.3f} (p {test.p_value:.4f})"
            figures.append(Figure(f"GRPO less {way}", test.difference, "", note=f"p = {test.p_value:.4f}"))
        seeds = " ".join(f"{sum(one.right[way]) / TEST:.3f}" for one in trials)
        tokens = sum(one.tokens[way] for one in trials) / len(trials)
        figures.append(Figure(f"{way}: right", found.value, "", found.low, found.high, found.n))
        rows.append((way, with_interval(found), seeds, f"{tokens:.1f}", against))
    minutes = max(one.grpo_seconds for one in trials) / 60
    figures.append(Figure("GRPO CPU minutes at most", minutes, "min"))
    main = Table(
        "Right answers to problems that no training saw",
        columns("trained by", "right", "each seed", "tokens", "GRPO gains"),
        tuple(rows),
        f"{TEST} problems a seed, likeliest replies. GRPO took {minutes:.1f} minutes of one core at most; 'more "
        "supervised training' had as many CPU seconds as the plateau's training and GRPO together. p: randomisation "
        "paired by problem.",
    )
    lengths = sorted({one.steps for trial in trials for one in trial.tried})
    curve = Table(
        "The plateau of supervised training",
        columns("steps", *(f"seed {one.seed}" for one in trials)),
        tuple(
            (f"{steps:,}", *(next((f"{a.accuracy:.3f}" for a in one.tried if a.steps == steps), "–") for one in trials))
            for steps in lengths
        ),
        f"Right of {KEPT} problems kept apart. Each length is a training of its own with a whole schedule; doubled "
        f"until a doubling brings less than {RISE}. The best is the base.",
    )
    return {"verifiable": main, "plateau": curve}, figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many; fewer than three are only printed")
    parser.add_argument("--grpo-steps", type=int, help="in place of the recipe's; only printed")
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        trials = [trial(seed, Path(place) / str(seed), given.grpo_steps) for seed in SEEDS[: given.seeds]]
    made, figures = tables(trials)
    whole = given.seeds == len(SEEDS) and not given.grpo_steps
    options = {} if whole else {"folder": None}
    publish(
        "verifiable_rewards", figures, made, data=[SFT, GRPO], code=[], seeds=SEEDS,
        versions={"torch": metadata.version("torch")}, note="One thread.", **options,
    )  # fmt: skip


if __name__ == "__main__":
    main()
