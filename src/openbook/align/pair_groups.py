"""Preference pairs as groups of two, those to learn from and those kept apart, and in what passes they are read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openbook.align.dpo_recipe import PairData
from openbook.align.groups import Group
from openbook.align.policy import Policy
from openbook.align.preferences import Pair
from openbook.align.problems import AlignProblem
from openbook.train.answers import PLACE


@dataclass(frozen=True, slots=True)
class Pairs:
    """Groups whose first reply was preferred. too_long, same: pairs left out, over the context or without a choice."""

    training: list[Group]
    held: list[Group]
    too_long: int
    same: int


def grouped(policy: Policy, pairs: Sequence[Pair], data: PairData) -> Pairs:
    """The pairs as tokens, every reply with its end. Raises AlignProblem where too few are left to learn from."""
    groups = [group_of(policy, pair, data.template) for pair in pairs]
    differing = [n for n, group in enumerate(groups) if not np.array_equal(group.replies[0], group.replies[1])]
    most = min(policy.model.config.context, policy.model.config.window or policy.model.config.context)
    fitting = [n for n in differing if groups[n].longest <= most]
    prompts = list(dict.fromkeys(pairs[n].prompt for n in fitting))
    apart = round(len(prompts) * data.validation)
    same, too_long = len(groups) - len(differing), len(differing) - len(fitting)
    if len(prompts) - apart < 1 or (data.validation and not apart):
        raise AlignProblem(
            f"{data.source} has pairs for {len(prompts)} prompts to learn from ({same} pairs of equal replies "
            f"and {too_long} over the context of {most:,} tokens are left out), too few for data.validation = "
            f"{data.validation:g}: give more"
        )
    held = set(prompts[len(prompts) - apart :])
    return Pairs(
        [groups[n] for n in fitting if pairs[n].prompt not in held],
        [groups[n] for n in fitting if pairs[n].prompt in held],
        too_long,
        same,
    )


def group_of(policy: Policy, pair: Pair, template: str) -> Group:
    """The prompt in its template, and both replies with the end token behind them."""
    before, after = template.split(PLACE)
    texts = [before + pair.prompt + after, pair.chosen, pair.rejected]
    prompt, *replies = (np.array(ids, dtype=np.int64) for ids in policy.tokenizer.ids_batch(texts))
    return Group(prompt, tuple(np.append(reply, policy.end) for reply in replies))


def visited(count: int, seed: int, step: int, batch: int) -> list[int]:
    """Which of so many pairs a step learns from; each epoch has an order of its own."""
    numbers = range(step * batch, (step + 1) * batch)
    epochs = range(numbers[0] // count, numbers[-1] // count + 1)
    orders = {epoch: np.random.default_rng([seed, epoch]).permutation(count) for epoch in epochs}
    return [int(orders[number // count][number % count]) for number in numbers]


def passes(groups: Sequence[Group], tokens: int, at_once: int = 0) -> list[slice]:
    """Neighbours that are read in one row: of at most so many tokens, or a single group; at_once 0: as many as fit."""
    found: list[slice] = []
    start, held = 0, 0
    for number, group in enumerate(groups):
        size = len(group.prompt) + sum(map(len, group.replies))
        if number > start and (held + size > tokens or number - start == at_once):
            found.append(slice(start, number))
            start, held = number, 0
        held += size
    return [*found, slice(start, len(groups))] if groups else []
