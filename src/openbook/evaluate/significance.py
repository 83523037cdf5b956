"""Is one system better than another on the same examples? Paired resampling tests, two-sided, and Holm's correction.

Scores of system A and system B stand in the same order of examples; the difference is the mean of A minus B.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.intervals import by_group, resampled_means
from openbook.evaluate.scores import BadScores, Scores, as_pair, as_shares, check_resamples

_CELLS = 2_000_000  # signs held at once
_EXACT_LIMIT = 20  # examples that differ: 2^20 sign patterns


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean of A minus B, the two-sided p value of "no difference", and the number of pairs."""

    difference: float
    p_value: float
    n: int


def paired_randomisation(
    first: Scores,
    second: Scores,
    *,
    groups: Sequence[Hashable] | None = None,
    resamples: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """The approximate randomisation test (Noreen 1989): if A and B are alike, each pair may as well be swapped.

    p = (count + 1) / (resamples + 1), count being the random swaps whose |mean difference| reaches the observed one.
    groups: what each pair belongs to, where pairs of one source are alike: a group is then swapped as a whole.
    """
    check_resamples(resamples)
    differences = _differences(first, second)
    sums, _ = by_group(differences, groups)
    rng = np.random.default_rng(seed)
    rows = max(1, _CELLS // sums.size)
    count = 0
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        signs = rng.integers(0, 2, size=(size, sums.size), dtype=np.int8) * 2 - 1
        count += _reaching((signs @ sums) / differences.size, differences)
    return Comparison(float(differences.mean()), (count + 1) / (resamples + 1), differences.size)


def exact_randomisation(first: Scores, second: Scores) -> Comparison:
    """The same test by all 2^n swaps, n being the pairs that differ, 20 at most: the reference for the one above.

    Pairs that are equal are left out of the enumeration, since a swap changes nothing there.
    """
    differences = _differences(first, second)
    moving = differences[differences != 0]
    if moving.size > _EXACT_LIMIT:
        raise BadScores(
            f"{moving.size} pairs differ, too many for all swaps: use paired_randomisation above {_EXACT_LIMIT}"
        )
    sums = np.zeros(1)
    for difference in moving:
        sums = np.concatenate([sums + difference, sums - difference])
    count = _reaching(sums / differences.size, differences)
    return Comparison(float(differences.mean()), count / sums.size, differences.size)


def paired_bootstrap(first: Scores, second: Scores, *, resamples: int = 10_000, seed: int = 0) -> Comparison | None:
    """The paired bootstrap test (Efron and Tibshirani 1993, ch. 16): pairs are drawn again under "no difference".

    The differences are shifted to mean 0, which is what the null hypothesis says; p = (count + 1) / (resamples + 1),
    count being the draws whose |mean| reaches the observed |difference|. None for one pair, which shows no spread. With
    fewer than about 20 pairs prefer the randomisation test, which needs no large sample.
    """
    check_resamples(resamples)
    differences = _differences(first, second)
    if differences.size == 1:
        return None
    shifted = differences - differences.mean()
    drawn = resampled_means(shifted, np.ones_like(shifted), resamples, np.random.default_rng(seed))
    count = sum(_reaching(means, differences) for means in drawn)
    return Comparison(float(differences.mean()), (count + 1) / (resamples + 1), differences.size)


def sign_test(wins: int, losses: int) -> float:
    """The two-sided p of "each of both wins as often", of choices without ties (Dixon and Mood 1946).

    p = min(1, 2 Σ C(n, k) / 2ⁿ for k from 0 to the smaller of both), exact.
    """
    if wins < 0 or losses < 0:
        raise BadScores(f"a sign test counts wins and losses, not {wins} and {losses}: give numbers of 0 or more")
    n = wins + losses
    tail = term = 1  # C(n, 0), and so on from each to the next
    for k in range(1, min(wins, losses) + 1):
        term = term * (n - k + 1) // k
        tail += term
    return min(1.0, 2 * tail / 2**n)


def holm(p_values: Sequence[float]) -> list[float]:
    """P values adjusted for how many there are (Holm 1979), in the order given: reject those at or below the level.

    The i-th smallest of m is multiplied by m - i + 1, never falls below a smaller one's, and stops at 1.
    """
    if len(p_values) == 0:
        return []
    array = as_shares(p_values, "p_values")
    order = np.argsort(array, kind="stable")
    stepped = np.maximum.accumulate(array[order] * np.arange(array.size, 0, -1))
    adjusted = np.empty_like(array)
    adjusted[order] = np.minimum(stepped, 1)
    return [float(value) for value in adjusted]


def _differences(first: Scores, second: Scores) -> NDArray[np.float64]:
    left, right = as_pair(first, second, ("first", "second"))
    return left - right


def _reaching(means: NDArray[np.float64], differences: NDArray[np.float64]) -> int:
    """How many |means| reach |mean of the differences|; equal sums added in another order still count as equal."""
    slack = 1e-12 * float(np.abs(differences).max())
    return int(np.count_nonzero(np.abs(means) >= abs(float(differences.mean())) - slack))
