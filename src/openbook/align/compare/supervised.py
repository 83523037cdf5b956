"""The supervised policy as all others are held against it, and what the best of n of its replies is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from openbook.align.compare.best_of import Values, analytic_kl, chances, measured_kl
from openbook.align.compare.measure import ByProblem, Exam, Measured, answers, measured, won
from openbook.align.compare.outcome import BestOf
from openbook.align.compare.proxies import PROXY, TRUE, lengths_of
from openbook.align.compare.recipe import CompareRecipe
from openbook.align.policy import Policy


@dataclass(frozen=True, slots=True)
class Supervised:
    """measured: on the exam. rewards: the true ones of other replies of its own, which wins are counted against."""

    measured: Measured
    rewards: tuple[ByProblem, ...]


@dataclass(frozen=True, slots=True)
class BestOfAll:
    """Of every n."""

    found: tuple[BestOf, ...]


def supervised(recipe: CompareRecipe, policy: Policy, exam: Exam) -> Supervised:
    """exam: without replies to win against, which are drawn here."""
    others = answers(policy, exam.problems, recipe.measure.replies, recipe.longest, [recipe.seed, 59])
    rewards = exam.rewards[TRUE](others)
    against = tuple(tuple(map(float, row)) for row in rewards)
    return Supervised(measured(policy, replace(exam, supervised=against)), against)


def best_of_all(recipe: CompareRecipe, policy: Policy, exam: Exam) -> BestOfAll:
    """n = 1, 2, 4, ... up to the recipe's, all from the same replies."""
    plan = recipe.measure
    drawn = answers(policy, exam.problems, plan.draws, recipe.longest, [recipe.seed, 61])
    rewards = {name: reward(drawn) for name, reward in exam.rewards.items()}
    wins, lengths = won(rewards[TRUE], np.array(exam.supervised)), lengths_of(drawn)
    return BestOfAll(tuple(_best(n, rewards, wins, lengths) for n in _powers(plan.best_of)))


def _best(n: int, rewards: dict[str, Values], wins: Values, lengths: Values) -> BestOf:
    chance = chances(rewards[PROXY], n)

    def mean(values: Values) -> ByProblem:
        return tuple(map(float, (chance * values).sum(1)))

    return BestOf(
        n,
        analytic_kl(n),
        tuple(map(float, measured_kl(rewards[PROXY], n))),
        {name: mean(values) for name, values in rewards.items()},
        mean(wins),
        mean(lengths),
    )


def _powers(most: int) -> Sequence[int]:
    return [2**k for k in range(most.bit_length()) if 2**k <= most]
