"""The bootstrap's interval for a statistic of any kind: examples drawn again, in whole groups where they have any."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.intervals import Interval
from openbook.evaluate.scores import check_level, check_resamples, numbered

Numbers: TypeAlias = NDArray[np.int64]
Statistic: TypeAlias = Callable[[Numbers], float | None]
"""Of the examples of these numbers, some of them more than once; None where they do not define it."""


def bootstrap(
    statistic: Statistic,
    size: int,
    *,
    groups: Sequence[Hashable] | None = None,
    level: float = 0.95,
    resamples: int = 1_000,
    seed: int = 0,
) -> Interval | None:
    """The statistic of all ``size`` examples with its percentile interval (Efron 1979); None where it is undefined.

    Draws that leave it undefined are left out; None too where those are half of all, or where there is one group alone,
    which shows no spread. groups: as for ``bootstrap_mean``.
    """
    check_level(level)
    check_resamples(resamples)
    value = statistic(np.arange(size))
    members = _members(size, groups)
    if value is None or len(members) < 2:
        return None
    rng = np.random.default_rng(seed)
    drawn: list[float] = []
    for _ in range(resamples):
        chosen: list[int] = rng.integers(len(members), size=len(members)).tolist()
        found = statistic(np.concatenate([members[group] for group in chosen]))
        if found is not None:
            drawn.append(found)
    if 2 * len(drawn) <= resamples:
        return None
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), level, size)


def _members(size: int, groups: Sequence[Hashable] | None) -> list[Numbers]:
    """The examples of each group."""
    numbers = np.arange(size) if groups is None else numbered(groups, size)
    return [np.flatnonzero(numbers == number) for number in range(int(numbers.max()) + 1)]
