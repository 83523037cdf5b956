"""Learning from pairs, by DPO or IPO: what a step is, and what is measured on the pairs kept apart.

What the reference thinks of every pair is computed once, before the first step, when the policy still is the reference:
a number a reply is kept of it, and no second copy of the weights. A run that goes on computes it again from its base.
"""

from collections.abc import Callable, Generator, Sequence

import torch
from torch import Tensor

from openbook.align.dpo import dpo_loss
from openbook.align.dpo_recipe import DpoRecipe
from openbook.align.groups import Group
from openbook.align.ipo import ipo_loss
from openbook.align.loop import Measures, Method, check_kl, descend
from openbook.align.pair_groups import grouped, passes, visited
from openbook.align.pair_measures import accuracy_interval, of_samples, rewards
from openbook.align.pair_notes import pair_notes
from openbook.align.policy import Policy
from openbook.align.preferences import read
from openbook.align.run import AlignPlan, AlignResult, Setting
from openbook.align.run import run as run_method
from openbook.align.unknown import ids_of, noted
from openbook.train.loop import Row
from openbook.train.watch import Watch


def run(recipe: DpoRecipe, watch: Watch, planned: Callable[[AlignPlan], None]) -> AlignResult:
    """Learn from the recipe's pairs, or go on with it. Raises AlignProblem, BadData, BadLora or BadCheckpoint."""
    return run_method(recipe, watch, planned, begin, sources={"pairs.json": recipe.data.source})


def begin(recipe: DpoRecipe, setting: Setting) -> Method:
    """The method, the policy being what it was before its first step."""
    policy, plan, beta, clip = setting.policy, recipe.train, recipe.dpo.beta, recipe.optimiser.clip
    preferences = read(recipe.data.source)
    pairs = grouped(policy, preferences.pairs, recipe.data, recipe.base.folder)
    count = len(pairs.training)
    learnt = sorted({n for step in range(plan.steps) for n in visited(count, plan.seed, step, plan.batch)})
    reference = torch.zeros(count, 2)
    reference[learnt] = sums(policy, [pairs.training[n] for n in learnt], recipe.dpo.tokens)
    held_reference = sums(policy, pairs.held, recipe.dpo.tokens)

    said: list[Row] = []

    def take(step: int) -> Measures:
        numbers = visited(count, plan.seed, step, plan.batch)
        groups = [pairs.training[n] for n in numbers]
        ratios: list[Tensor] = []
        total, norm = descend(setting.state, losses(recipe, policy, groups, reference[numbers], ratios), clip)
        chosen, rejected = torch.cat(ratios).unbind(-1)
        return {"loss": total, **rewards(chosen, rejected, beta), "norm": norm}

    def evaluate() -> Measures:
        ratios: list[Tensor] = []
        loss = sum(float(part) for part in losses(recipe, policy, pairs.held, held_reference, ratios))
        chosen, rejected = torch.cat(ratios).unbind(-1)
        interval = accuracy_interval(chosen, rejected, pairs.held)
        drawn, said[:] = of_samples(recipe, setting, pairs.held)
        check_kl(drawn, recipe, setting.state.step)
        found = {"loss": loss, **rewards(chosen, rejected, beta), **interval, **drawn}
        return {f"held_{name}": value for name, value in found.items()}

    notes = pair_notes(preferences, pairs, plan.batch * plan.steps / count)
    readable = noted(policy.tokenizer, ids_of([*pairs.training, *pairs.held]), "the pairs")
    return Method(take, evaluate if pairs.held else None, (*notes, *readable), lambda: said)


def losses(
    recipe: DpoRecipe, policy: Policy, groups: Sequence[Group], reference: Tensor, ratios: list[Tensor]
) -> Generator[Tensor]:
    """Each pass's share of the mean loss; its log-ratios, (pairs, 2), are added to ``ratios``."""
    for part in passes(groups, recipe.dpo.tokens, recipe.train.rows_at_once):
        found = policy.scored(groups[part]).sums.view(-1, 2)
        ratio = found - reference[part].to(found.device)
        ratios.append(ratio.detach().cpu())
        yield objective(recipe, ratio[:, 0], ratio[:, 1], groups[part]).sum() / len(groups)


def objective(recipe: DpoRecipe, chosen: Tensor, rejected: Tensor, groups: Sequence[Group]) -> Tensor:
    """The loss of each pair from the log-ratios of its replies, (pairs,) each."""
    if recipe.dpo.loss == "dpo":
        return dpo_loss(chosen, rejected, recipe.dpo.beta, recipe.dpo.smoothing)
    if recipe.dpo.per_token:
        counts = chosen.new_tensor([[len(reply) for reply in group.replies] for group in groups])
        chosen, rejected = chosen / counts[:, 0], rejected / counts[:, 1]
    return ipo_loss(chosen, rejected, recipe.dpo.beta)


def sums(policy: Policy, groups: Sequence[Group], tokens: int) -> Tensor:
    """log π(reply | prompt) of both replies of each pair, (pairs, 2), without gradients."""
    with torch.no_grad():
        found = [policy.scored(groups[part]).sums.view(-1, 2).cpu() for part in passes(groups, tokens)]
    return torch.cat(found) if found else torch.zeros(0, 2)
