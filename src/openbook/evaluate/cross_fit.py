"""A threshold set on one half of the questions and looked at on the other, both ways round.

So every question is answered once, at a threshold that it had no part in (cross-fitting; Chernozhukov et al. 2018).
Questions of one group stay in one half: what is learnt of an article would be looked up in its other questions.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from openbook.evaluate.scores import numbered

Choose = Callable[[Sequence[int]], float | None]
"""The questions of these numbers into a threshold; None where they are too few to set one."""


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """thresholds: set on the first half and on the second. answered: each question by the other half's."""

    thresholds: tuple[float, float]
    answered: tuple[bool, ...]


def halves(kinds: Sequence[bool], groups: Sequence[Hashable] | None, seed: int = 0) -> list[bool]:
    """Which questions are in the second half. kinds: True for those with an answer.

    Groups in a random order, the largest first, each to the half that has fewer of the kind it has most of.
    """
    numbers = numbered(list(range(len(kinds))) if groups is None else groups, len(kinds))
    members: list[list[int]] = [np.flatnonzero(numbers == group).tolist() for group in range(int(numbers.max()) + 1)]
    order: list[int] = np.random.default_rng(seed).permutation(len(members)).tolist()
    second = [False] * len(kinds)
    counts = {True: [0, 0], False: [0, 0]}
    for number in sorted(order, key=lambda n: -len(members[n])):  # stable: of one size, in the random order
        held = [kinds[n] for n in members[number]]
        most = 2 * sum(held) >= len(held)
        side = int(counts[most][1] < counts[most][0])
        for n in members[number]:
            counts[kinds[n]][side] += 1
            second[n] = side == 1
    return second


def cross_fitted(choose: Choose, confidence: Sequence[float], second: Sequence[bool]) -> CrossFitted | None:
    """None where either half sets no threshold."""
    parts = [[n for n, side in enumerate(second) if side is wanted] for wanted in (False, True)]
    thresholds = [choose(part) for part in parts]
    first, other = thresholds
    if first is None or other is None:
        return None
    answered = tuple(sure >= (first if side else other) for sure, side in zip(confidence, second, strict=True))
    return CrossFitted((first, other), answered)
