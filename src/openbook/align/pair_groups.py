"""Preference pairs as groups of two, those to learn from and those kept apart, and in what passes they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from openbook.align.dpo_recipe import PairData
from openbook.align.groups import Group
from openbook.align.pair_tokens import groups_of
from openbook.align.policy import Policy
from openbook.align.preferences import Pair
from openbook.align.problems import AlignProblem
from openbook.report.plural import plural


@dataclass(frozen=True, slots=True)
class Pairs:
    """Groups whose first reply was preferred. too_long, same: pairs left out, over the context or without a choice."""

    training: list[Group]
    held: list[Group]
    too_long: int
    same: int


def grouped(policy: Policy, pairs: Sequence[Pair], data: PairData, base: Path) -> Pairs:
    """The pairs as tokens, every reply with its end. base: the model's folder, as its chat template is there.

    Raises AlignProblem where too few are left to learn from.
    """
    groups = groups_of(policy, pairs, data.template, base)
    differing = [n for n, group in enumerate(groups) if not np.array_equal(group.replies[0], group.replies[1])]
    most = min(policy.model.config.context, policy.model.config.window or policy.model.config.context)
    fitting = [n for n in differing if groups[n].longest <= most]
    same, too_long = len(groups) - len(differing), len(differing) - len(fitting)
    if not fitting:
        raise AlignProblem(f"{data.source} has no pair left to learn from: {_why_none(same, too_long, most)}")
    prompts = list(dict.fromkeys(pairs[n].prompt for n in fitting))
    held = set(_apart(prompts, data))
    return Pairs(
        [groups[n] for n in fitting if pairs[n].prompt not in held],
        [groups[n] for n in fitting if pairs[n].prompt in held],
        too_long,
        same,
    )


def _apart(prompts: Sequence[str], data: PairData) -> Sequence[str]:
    """The last share. Raises AlignProblem where it would be none, or all."""
    count, share = len(prompts), data.validation
    apart = round(count * share)
    if apart == count or (share and not apart):
        kept = "none" if not apart else "all" if count > 1 else "the only one"
        enough = next((n for n in range(count + 1, 10_000) if 1 <= round(n * share) < n), None)
        more = f"give pairs for {enough:,} prompts, or " if enough else ""
        raise AlignProblem(
            f"{data.source} has pairs for {plural(count, 'prompt')}, of which data.validation={share:g} would keep "
            f"{kept} apart to measure on: {more}set data.validation=0 to learn from all without measuring"
        )
    return prompts[count - apart :]


def _why_none(same: int, too_long: int, most: int) -> str:
    """What became of all pairs, and what to do."""
    long = f"{plural(too_long, 'pair')} over the context of {most:,} tokens"
    equal = f"{plural(same, 'pair')} whose replies are the same tokens"
    found = " and ".join(said for said, count in ((long, too_long), (equal, same)) if count)
    return f"{found}: {'shorten them, or name a base with a longer context' if too_long else 'give others'}"


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
