"""One seed of benchmarks/verifiable_rewards.py: what each way of training answers to problems that none has seen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.data import ROOT
from benchmarks.verifiable_stages import GRPO, SFT, Stage, apart, kept, plateau, rewarded, supervised, told
from openbook import recipes
from openbook.align.demonstrations import lessons, unseen
from openbook.align.draw import rollouts
from openbook.align.online_recipe import GrpoRecipe
from openbook.align.policy import opened
from openbook.align.sft_recipe import SftRecipe
from openbook.align.task import Problem, Task, true_reward
from openbook.train.finetune_recipe import Base

TEST, KEPT = 500, 300
REPLIES = 8
"""Drawn to each problem of the test, besides the likeliest."""

PLATEAU, MORE, WORKED, REWARDED = "supervised plateau", "more supervised training", "worked ones alone", "GRPO"
WAYS = (PLATEAU, MORE, WORKED, REWARDED)

WORKED_STEPS = 1200
"""Of the training on problems all shown with their steps: no base had fewer."""

_AT_ONCE = 50
"""Problems answered side by side."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Of every reply, (problems, replies): whether it is right, whether it shows steps, its tokens."""

    right: list[list[bool]]
    shown: list[list[bool]]
    tokens: list[list[int]]


@dataclass(frozen=True, slots=True)
class Trial:
    """tried: every length of supervised training up to the plateau. stages, likeliest, drawn: by way."""

    seed: int
    tried: list[Stage]
    stages: dict[str, Stage]
    likeliest: dict[str, Answered]
    drawn: dict[str, Answered]


def answered(stage: Stage, task: Task, problems: Sequence[Problem], recipe: GrpoRecipe, replies: int) -> Stage:
    """One reply: the likeliest. Several: drawn at temperature 1. An ``Answered`` as it is kept."""
    policy = opened(Base(stage["model"]), None, recipe.end, 0, torch.device("cpu"))
    reward = true_reward(task)
    found = Answered([], [], [])
    for start in range(0, len(problems), _AT_ONCE):
        some = problems[start : start + _AT_ONCE]
        drawn = rollouts(policy, some, replies, recipe.grpo.most, [29, start], float(replies > 1))
        found.right.extend((reward(drawn) == 1).tolist())
        found.shown.extend([["=" in text for text in one.texts] for one in drawn])
        found.tokens.extend([[len(reply) for reply in one.group.replies] for one in drawn])
    return asdict(found)


def trial(seed: int, folder: Path) -> Trial:
    """What is kept in the folder is not made again."""
    recipe = recipes.read(ROOT / SFT, SftRecipe, [f"task.seed={seed}", f"train.seed={seed}", f"task.validation={KEPT}"])
    recipe = replace(recipe, train=replace(recipe.train, threads=1))
    learnt = lessons(recipe.task, recipe.end)
    seen = {one.prompt for part in (learnt.training, learnt.validation) for one in part}
    test = unseen(learnt.task, TEST, [seed, 9], seen, recipe.task.between)
    tried = plateau(recipe, folder)
    base, more = tried[-2:]
    grpo = kept(folder / "grpo.json", lambda: rewarded(base["model"], apart(learnt.task, test), seed, folder / "grpo"))
    worked = replace(recipe, task=replace(recipe.task, terse=0.0))
    shown = kept(folder / "worked.json", lambda: supervised(worked, WORKED_STEPS, folder / "worked"))
    stages = {PLATEAU: base, MORE: more, WORKED: shown, REWARDED: grpo}
    online = recipes.read(ROOT / GRPO, GrpoRecipe, [f"base.model={base['model']}"])

    def answers(replies: int) -> dict[str, Answered]:
        """By way."""
        found: dict[str, Answered] = {}
        for way, stage in stages.items():
            path = folder / f"{way.replace(' ', '-')}-{replies}.json"
            found[way] = Answered(**kept(path, lambda: answered(stage, learnt.task, test, online, replies)))  # noqa: B023
            told(f"seed {seed}, {way}: {np.mean(found[way].right):.3f} right of {replies} replies to a problem")
        return found

    return Trial(seed, tried, stages, answers(1), answers(REPLIES))
