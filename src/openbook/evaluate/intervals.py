"""Confidence intervals: the bootstrap's for a mean, Wilson's for a share; both also for examples in groups."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.scores import BadScores, Scores, as_array, check_level, check_resamples, numbered

_CELLS = 2_000_000  # numbers held at once while resampling: 16 MB of indices


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate, the interval around it, the confidence level of the interval, and the number of examples."""

    value: float
    low: float
    high: float
    level: float
    n: int


def bootstrap_mean(
    scores: Scores,
    *,
    groups: Sequence[Hashable] | None = None,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> Interval | None:
    """The mean with its percentile bootstrap interval (Efron 1979). None for one example, which shows no spread.

    groups: what each example belongs to, where examples of one source are alike (questions on one article): whole
    groups are then drawn (the cluster bootstrap; Davison and Hinkley 1997, section 3.8). None: all are independent.
    """
    check_level(level)
    check_resamples(resamples)
    array = as_array(scores, "scores")
    sums, counts = by_group(array, groups)
    if sums.size == 1:
        return None
    means = np.concatenate(list(resampled_means(sums, counts, resamples, np.random.default_rng(seed))))
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(array.mean()), float(low), float(high), level, array.size)


def by_group(
    array: NDArray[np.float64], groups: Sequence[Hashable] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sum and the number of examples of every group; without groups each example is its own."""
    if groups is None:
        return array, np.ones_like(array)
    numbers = numbered(groups, array.size)
    return np.bincount(numbers, array).astype(np.float64), np.bincount(numbers).astype(np.float64)


def resampled_means(
    sums: NDArray[np.float64], counts: NDArray[np.float64], resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Means over ``resamples`` draws of all groups with replacement, in pieces, so that memory stays bounded."""
    rows = max(1, _CELLS // sums.size)
    for start in range(0, resamples, rows):
        drawn = rng.integers(sums.size, size=(min(rows, resamples - start), sums.size))
        yield sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)


def wilson(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """A share with its score interval (Wilson 1927), which stays within [0, 1] and holds for shares near 0 and 1.

    centre (p + z²/2n) / (1 + z²/n), half width z √(p(1 - p)/n + z²/4n²) / (1 + z²/n).
    """
    if n < 1 or not 0 <= successes <= n:
        raise BadScores(f"a share needs 0 <= successes <= n and n >= 1, not {successes} of {n}")
    return _wilson(successes, n, n, level)


def wilson_in_groups(outcomes: Sequence[bool], groups: Sequence[Hashable], *, level: float = 0.95) -> Interval:
    """A share of outcomes that come in groups, by Wilson's interval for as many as they are worth alone.

    That number is n / d, d being how much larger the variance between groups makes the variance of the share than n
    independent outcomes would (the design effect; Kish 1965), taken as 1 at least. Of a share of 0 or 1 no variance is
    seen, and none within one group: it is then worth as many outcomes as there are groups.
    """
    array = as_array([float(outcome) for outcome in outcomes], "outcomes")
    sums, counts = by_group(array, groups)
    n, share, k = array.size, float(array.mean()), sums.size
    plain = share * (1 - share) / n
    if k == 1 or plain == 0:
        worth = float(k)
    else:
        between = float(np.square(sums - share * counts).sum()) / (n * n) * k / (k - 1)
        worth = n / max(1.0, between / plain)
    return _wilson(int(array.sum()), n, worth, level)


def _wilson(successes: int, n: int, worth: float, level: float) -> Interval:
    """Wilson's interval of successes / n as if it came from ``worth`` outcomes."""
    check_level(level)
    share, z = successes / n, NormalDist().inv_cdf((1 + level) / 2)
    scale = 1 + z * z / worth
    centre = (share + z * z / (2 * worth)) / scale
    half = z * (share * (1 - share) / worth + z * z / (4 * worth * worth)) ** 0.5 / scale
    # At 0 and n of n one bound is exact; rounding must not move it past the share.
    low = 0.0 if successes == 0 else min(max(centre - half, 0.0), share)
    high = 1.0 if successes == n else max(min(centre + half, 1.0), share)
    return Interval(share, low, high, level, n)
