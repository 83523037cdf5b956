"""Confidence intervals: the bootstrap's for a mean, Wilson's for a share."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.scores import BadScores, Scores, as_array, check_level, check_resamples

_CELLS = 2_000_000  # numbers held at once while resampling: 16 MB of indices


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate, the interval around it, the confidence level of the interval, and the number of examples."""

    value: float
    low: float
    high: float
    level: float
    n: int


def bootstrap_mean(scores: Scores, *, level: float = 0.95, resamples: int = 10_000, seed: int = 0) -> Interval | None:
    """The mean with its percentile bootstrap interval (Efron 1979). None for one example, which shows no spread.

    The examples must be independent; where several share a source (questions on one paragraph), pass one mean a source.
    """
    check_level(level)
    check_resamples(resamples)
    array = as_array(scores, "scores")
    if array.size == 1:
        return None
    means = np.concatenate(list(resampled_means(array, resamples, np.random.default_rng(seed))))
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(array.mean()), float(low), float(high), level, array.size)


def resampled_means(
    array: NDArray[np.float64], resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Means of ``resamples`` draws of all examples with replacement, in pieces, so that memory stays bounded."""
    rows = max(1, _CELLS // array.size)
    for start in range(0, resamples, rows):
        drawn = rng.integers(array.size, size=(min(rows, resamples - start), array.size))
        yield array[drawn].mean(axis=1)


def wilson(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """A share with its score interval (Wilson 1927), which stays within [0, 1] and holds for shares near 0 and 1.

    centre (p + z²/2n) / (1 + z²/n), half width z √(p(1 - p)/n + z²/4n²) / (1 + z²/n).
    """
    check_level(level)
    if n < 1 or not 0 <= successes <= n:
        raise BadScores(f"a share needs 0 <= successes <= n and n >= 1, not {successes} of {n}")
    share, z = successes / n, NormalDist().inv_cdf((1 + level) / 2)
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5 / scale
    # At 0 and n of n one bound is exact; rounding must not move it past the share.
    low = 0.0 if successes == 0 else min(max(centre - half, 0.0), share)
    high = 1.0 if successes == n else max(min(centre + half, 1.0), share)
    return Interval(share, low, high, level, n)
