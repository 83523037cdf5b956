"""A reward model from its recipe: what a step is, what is measured on pairs kept apart, and the folder at the end."""

import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from openbook.align.bradley_terry import bradley_terry
from openbook.align.compared import Compared, by_prompt, in_pairs, singly
from openbook.align.groups import Group
from openbook.align.loop import Measures, Method, descend
from openbook.align.pair_groups import Pairs, grouped, passes, visited
from openbook.align.pair_notes import pair_notes
from openbook.align.preferences import Preferences, read
from openbook.align.reward_head import RewardModel, new_head, raw_rewards, rewards
from openbook.align.reward_model import write_head
from openbook.align.reward_picture import draw
from openbook.align.reward_recipe import RewardRecipe
from openbook.align.reward_report import RewardReport, report
from openbook.align.run import AlignPlan, AlignResult, Setting
from openbook.align.run import run as run_method
from openbook.align.unknown import ids_of, noted
from openbook.evaluate.intervals import wilson_in_groups
from openbook.train.watch import Watch
from openbook.train.whole import write_whole

CENTRED_ON = 512
"""Pairs, or prompts, spread evenly over those that it learnt from, whose mean reward becomes 0."""

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What one run is made of, once its policy is there."""

    recipe: RewardRecipe
    setting: Setting
    pairs: Pairs
    training: Sequence[Compared]

    @property
    def head(self) -> nn.Linear:
        return cast("nn.Linear", self.setting.head)

    def passes(self, compared: Sequence[Compared]) -> Generator[Tensor]:
        """(pairs, 2) rewards of chosen and rejected replies, not centred, a pass at a time."""
        policy, groups = self.setting.policy, [one.group for one in compared]
        for part in passes(groups, self.recipe.reward.tokens, self.recipe.train.rows_at_once):
            yield in_pairs(raw_rewards(policy.model, policy.layout, self.head, groups[part]), compared[part])

    def loss(self, worth: Tensor) -> Tensor:
        """(pairs, 2) to (pairs,)."""
        return bradley_terry(worth[:, 0], worth[:, 1], self.recipe.reward.margin, self.recipe.reward.centre)


def run(
    recipe: RewardRecipe,
    watch: Watch,
    planned: Callable[[AlignPlan], None],
    reported: Callable[[RewardReport], None] = lambda _: None,
) -> AlignResult:
    """Learn a reward model from the recipe's pairs, or go on with it.

    reported: given what it is worth on the pairs kept apart. Raises AlignProblem, BadData, BadLora or BadCheckpoint.
    """
    made: list[_Learnt] = []
    reports: list[RewardReport] = []

    def begin(recipe: RewardRecipe, setting: Setting) -> Method:
        found = read(recipe.data.source)
        pairs = grouped(setting.policy, found.pairs, recipe.data, recipe.base.folder)
        training = by_prompt(pairs.training) if recipe.reward.by_prompt else singly(pairs.training)
        made.append(_Learnt(recipe, setting, pairs, training))
        return _method(made[0], found)

    def finish(folder: Path, _: Setting) -> None:
        found = _finish(folder, made[0])
        if found is not None:
            reports.append(found)

    sources = {"pairs.json": recipe.data.source}
    result = run_method(recipe, watch, planned, begin, sources=sources, head=new_head, finish=finish)
    for found in reports:
        draw(result.folder, found)
        reported(found)
    return result


def _method(learnt: _Learnt, found: Preferences) -> Method:
    recipe, training = learnt.recipe, learnt.training
    plan, held = recipe.train, singly(learnt.pairs.held)

    def take(step: int) -> Measures:
        some = [training[n] for n in visited(len(training), plan.seed, step, plan.batch)]
        count = sum(len(one.chosen) for one in some)
        seen: list[Tensor] = []

        def losses() -> Generator[Tensor]:
            for worth in learnt.passes(some):
                seen.append(worth.detach().cpu())
                yield learnt.loss(worth).sum() / count

        total, norm = descend(learnt.setting.state, losses(), recipe.optimiser.clip)
        return {"loss": total, **_measured(torch.cat(seen)), "norm": norm}

    def evaluate() -> Measures:
        worth = torch.cat([part.cpu() for part in learnt.passes(held)])
        won: list[bool] = cast("Any", worth[:, 0] > worth[:, 1]).tolist()
        share = wilson_in_groups(won, _prompts(learnt.pairs.held))
        values = {"loss": float(learnt.loss(worth).mean()), **_measured(worth)}
        return {f"held_{name}": value for name, value in values.items()} | {
            "held_accuracy_low": share.low,
            "held_accuracy_high": share.high,
        }

    notes = pair_notes(found, learnt.pairs, plan.batch * plan.steps / len(training))
    readable = noted(learnt.setting.policy.tokenizer, ids_of([*learnt.pairs.training, *learnt.pairs.held]), "the pairs")
    return Method(take, evaluate if held else None, (*notes, *readable))


def _measured(worth: Tensor) -> dict[str, float]:
    margin = worth[:, 0] - worth[:, 1]
    return {
        "accuracy": float((margin > 0).float().mean()),
        "margin": float(margin.mean()),
        "reward": float(worth.mean()),
    }


def _finish(folder: Path, learnt: _Learnt) -> RewardReport | None:
    """The head, the mean of what it learnt from, and what it is worth on the pairs kept apart, where there are any."""
    policy, held = learnt.setting.policy, learnt.pairs.held
    training = [one.group for one in learnt.training]
    scorer = RewardModel(policy.model, learnt.head, policy.tokenizer, learnt.recipe.end)
    every = -(-len(training) // CENTRED_ON)
    scorer.mean = float(rewards(scorer, training[::every]).mean())
    write_head(folder, scorer)
    if not held:
        return None
    found = reported_on(scorer, held)
    write_whole(folder / REPORT, (json.dumps(asdict(found), indent=1) + "\n").encode("utf-8"))
    return found


def reported_on(scorer: RewardModel, pairs: Sequence[Group]) -> RewardReport:
    """pairs: groups of two, the preferred reply first."""
    worth = rewards(scorer, pairs).reshape(-1, 2)
    lengths = np.array([[len(reply) for reply in group.replies] for group in pairs], dtype=np.float64)
    return report(worth[:, 0], worth[:, 1], (lengths[:, 0], lengths[:, 1]), _prompts(pairs))


def _prompts(pairs: Sequence[Group]) -> list[bytes]:
    return [group.prompt.tobytes() for group in pairs]
