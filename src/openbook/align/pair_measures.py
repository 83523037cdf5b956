"""What is measured of a policy that learns from pairs: its implicit rewards, and how far it is from its reference."""

from collections.abc import Sequence
from typing import Any, cast

from torch import Tensor

from openbook.align.dpo import implicit_reward
from openbook.align.dpo_recipe import DpoRecipe
from openbook.align.groups import Group
from openbook.align.loop import Measures
from openbook.align.pair_groups import passes
from openbook.align.policy import opened
from openbook.align.rollout import Drawing, drawn
from openbook.align.run import Setting
from openbook.evaluate.intervals import wilson_in_groups
from openbook.train.loop import Row

SAID = 8
"""Replies that are kept for a person at every evaluation."""

SAMPLES = 11
"""Sets the random numbers of these replies apart from those of other draws under the run's seed."""


def rewards(chosen: Tensor, rejected: Tensor, beta: float) -> dict[str, float]:
    """Means over pairs. accuracy: how often the chosen reply has the higher reward, equal ones counting ½."""
    better, worse = implicit_reward(chosen, beta), implicit_reward(rejected, beta)
    margin = better - worse
    return {
        "accuracy": float(((margin > 0).float() + 0.5 * (margin == 0).float()).mean()),
        "margin": float(margin.mean()),
        "chosen_reward": float(better.mean()),
        "rejected_reward": float(worse.mean()),
    }


def accuracy_interval(chosen: Tensor, rejected: Tensor, groups: Sequence[Group]) -> dict[str, float]:
    """Wilson's 95% interval, pairs of one prompt counting as alike; nothing where a pair is equal, as before a step."""
    if bool((chosen == rejected).any()):
        return {}
    won: list[bool] = cast("Any", chosen > rejected).tolist()
    found = wilson_in_groups(won, [group.prompt.tobytes() for group in groups])
    return {"accuracy_low": found.low, "accuracy_high": found.high}


def of_samples(recipe: DpoRecipe, setting: Setting, held: Sequence[Group]) -> tuple[Measures, list[Row]]:
    """kl, entropy (nats a token) and length of replies drawn to held-out prompts, and some of them with their prompts;
    nothing where none has the room.

    The reference of a policy whose weights all learn is read from its folder again and let go: between steps there are
    no gradients, so that the run needs no more memory for it.
    """
    policy, plan = setting.policy, recipe.dpo
    room = policy.model.config.context - plan.longest
    prompts = list({group.prompt.tobytes(): group.prompt for group in held if len(group.prompt) <= room}.values())
    if not plan.sampled or not prompts:
        return {}, []
    key = [recipe.train.seed, SAMPLES, setting.state.step]
    groups = drawn(policy.model, prompts[: plan.sampled], Drawing(1, plan.longest, policy.end), key)
    before = policy.reference_log_p
    if not policy.adapted:
        reference = opened(recipe.base, None, recipe.end, recipe.train.seed, policy.model.embedding.weight.device)

        def before(groups: Sequence[Group], temperature: float = 1.0) -> Tensor:
            return reference.scored(groups, temperature).log_p

    kl = entropy = 0.0
    for part in passes(groups, plan.tokens):
        found = policy.scored(groups[part])
        kl += float(kl_of_samples(found.log_p, before(groups[part])).sum())
        entropy += float((found.entropy * found.mask).sum())
    tokens = sum(len(reply) for group in groups for reply in group.replies)
    said: list[Row] = [{"prompt": policy.text(g.prompt), "reply": policy.text(g.replies[0])} for g in groups[:SAID]]
    return {"kl": kl / len(groups), "entropy": entropy / tokens, "length": tokens / len(groups)}, said


def kl_of_samples(log_p: Tensor, reference: Tensor) -> Tensor:
    """Each reply's estimate of KL(π‖πref) in nats, from its own tokens: Σ (r − 1 − log r), r = πref/π (Schulman 2020).

    Unbiased where the reply was drawn from π, never negative, and steadier than the mean of −log r. log_p, reference:
    (replies, longest), equal behind a reply's end.
    """
    log_r = reference - log_p
    return (log_r.exp() - 1 - log_r).sum(-1)
