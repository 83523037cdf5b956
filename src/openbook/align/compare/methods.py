"""How each method is run from a bake-off's recipe: its own recipe, its own first step, under the one budget."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TypedDict

from openbook.align import online_run, pairs_run, rejection
from openbook.align.compare.arms import Arm
from openbook.align.compare.climbing import Way
from openbook.align.compare.proxies import Scale
from openbook.align.compare.recipe import CompareRecipe
from openbook.align.dpo_recipe import Dpo, DpoRecipe, PairData
from openbook.align.online_recipe import Grpo, GrpoRecipe, Ppo, PpoRecipe, Problems, Worth
from openbook.align.ppo import value_head
from openbook.align.recipe import Limits
from openbook.align.rejection import Rejection, RejectionRecipe
from openbook.train.finetune_recipe import Base
from openbook.train.recipe import Optimiser, Out, Train

_ANYWHERE = 1e6
"""Nats: how far a method runs from its reference is what is measured."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the methods share. pairs: the annotators' choices. worths, scales: of the rewards by name."""

    recipe: CompareRecipe
    pairs: Path
    worths: Mapping[str, Worth]
    scales: Mapping[str, Scale]


class Common(TypedDict):
    base: Base
    out: Out
    end: str
    optimiser: Optimiser
    limits: Limits
    train: Train


def way_of(arm: Arm, setup: Setup, folder: Path) -> Way:
    """The arm's run, in this folder."""
    return _WAYS[arm.method](arm, setup, folder)


def _common(arm: Arm, setup: Setup, folder: Path, replies: int) -> Common:
    """The tables that all recipes share; replies: that a step learns from."""
    recipe = setup.recipe
    steps = max(1, ceil(arm.budget / replies))
    every = max(1, ceil(steps / recipe.measure.checkpoints))
    return {
        "base": recipe.base,
        "out": Out(str(folder), log_every=max(1, every // 4), evaluate_every=every, checkpoint_every=every, keep=1),
        "end": recipe.end,
        "optimiser": Optimiser(rate=arm.learning.rate, weight_decay=0.0),
        "limits": Limits(kl=_ANYWHERE),
        "train": Train(
            steps=steps, batch=arm.learning.batch, seed=recipe.seed, device=recipe.device, threads=recipe.threads
        ),
    }


def _pairs(arm: Arm, setup: Setup, folder: Path) -> Way:
    """DPO and IPO: two replies a pair, read from what the annotators chose."""
    replies = 2 * arm.learning.batch
    plan = Dpo(loss="ipo" if arm.method == "ipo" else "dpo", beta=arm.learning.beta, sampled=0)
    data = PairData(str(setup.pairs), validation=0.0)
    recipe = DpoRecipe(**_common(arm, setup, folder, replies), data=data, dpo=plan)
    return Way(recipe, pairs_run.begin, replies, {"pairs.json": setup.pairs})


def _grpo(arm: Arm, setup: Setup, folder: Path) -> Way:
    replies = arm.learning.batch * arm.learning.replies
    plan = Grpo(replies=arm.learning.replies, most=setup.recipe.longest, beta=arm.learning.beta)
    recipe = GrpoRecipe(
        **_common(arm, setup, folder, replies), task=_problems(setup), reward=setup.worths[arm.climbs], grpo=plan
    )
    return Way(recipe, online_run.begin_grpo, replies, online_run.sources(recipe))


def _ppo(arm: Arm, setup: Setup, folder: Path) -> Way:
    """The reward is in the model's own unit, and the price of a nat with it: beta is of a standard deviation."""
    replies = arm.learning.batch * arm.learning.replies
    beta = arm.learning.beta * setup.scales[arm.climbs].deviation
    plan = Ppo(replies=arm.learning.replies, most=setup.recipe.longest, beta=beta)
    recipe = PpoRecipe(
        **_common(arm, setup, folder, replies), task=_problems(setup), reward=setup.worths[arm.climbs], ppo=plan
    )
    return Way(recipe, online_run.begin_ppo, replies, online_run.sources(recipe), value_head)


def _rejection(arm: Arm, setup: Setup, folder: Path) -> Way:
    """Every drawn reply counts, also those that are thrown away."""
    replies = arm.learning.batch * arm.learning.replies
    plan = Rejection(replies=arm.learning.replies, most=setup.recipe.longest)
    recipe = RejectionRecipe(
        **_common(arm, setup, folder, replies), task=_problems(setup), reward=setup.worths[arm.climbs], rejection=plan
    )
    return Way(recipe, rejection.begin, replies, online_run.sources(recipe))


def _problems(setup: Setup) -> Problems:
    """New ones every step; none is kept apart, as the exam is the bake-off's own."""
    return Problems(name=setup.recipe.task, held=0)


_WAYS: Mapping[str, Callable[[Arm, Setup, Path], Way]] = {
    "rejection": _rejection,
    "dpo": _pairs,
    "ipo": _pairs,
    "ppo": _ppo,
    "grpo": _grpo,
}
