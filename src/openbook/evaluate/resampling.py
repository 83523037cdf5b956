"""Bootstrap draws held as how often each example is drawn: a rank correlation of all draws is then a few array steps.

Ranks of a draw need no sorting anew: the order of the values stays, and only how often each occurs differs.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.intervals import Interval
from openbook.evaluate.scores import check_resamples, numbered

Floats: TypeAlias = NDArray[np.float64]
Statistic: TypeAlias = Callable[[Floats], Floats]
"""(draws, examples), how often each is drawn, to (draws,) or (draws, k); NaN where a draw has no such statistic."""

FEWEST_DRAWN = 10
"""Documents without which no interval is drawn: of fewer it comes out too narrow, of 3 by half."""

_CELLS = 300_000  # of one array at once: 2.4 MB, which stays in a core's cache
_MOST_DRAWN = 10_000_000  # examples in all draws together, so that many examples take no longer


def owners(documents: Sequence[str]) -> NDArray[np.int64]:
    """Each example's document by number; each example its own where no two documents are named."""
    several = len(set(documents)) > 1
    return numbered(documents if several else range(len(documents)), len(documents))


def draws(statistic: Statistic, owner: NDArray[np.int64], *, resamples: int = 1_000, seed: int = 0) -> Floats:
    """The statistic of each draw of all documents with replacement (the cluster bootstrap; Davison and Hinkley 1997).

    owner: (examples,), each one's document by number. Returns (draws,) or (draws, k), at least 100 draws of many.
    """
    check_resamples(resamples)
    kept = min(resamples, max(100, _MOST_DRAWN // owner.size))
    return np.concatenate([statistic(times) for times in _times(owner, kept, np.random.default_rng(seed))])


def interval_of(value: float | None, drawn: Floats, owner: NDArray[np.int64], level: float = 0.95) -> Interval | None:
    """The percentile interval (Efron 1979) of what ``draws`` gave. None with too few documents, or no value."""
    found = drawn[~np.isnan(drawn)]
    if value is None or not found.size or int(owner.max()) + 1 < FEWEST_DRAWN:
        return None
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), level, owner.size)


def ranks_drawn(values: Floats, times: Floats) -> Floats:
    """The mean rank of each example within each draw, (draws, examples); those not drawn hold what is never used."""
    _, which = np.unique(values, return_inverse=True)
    order = np.argsort(which, kind="stable")
    starts = np.flatnonzero(np.diff(which[order], prepend=-1))
    counts = np.add.reduceat(times[:, order], starts, axis=1)
    return (np.cumsum(counts, axis=1) - (counts - 1) / 2)[:, which]


def correlation_of_ranks(left: Floats, right: Floats, times: Floats) -> Floats:
    """Spearman's of each draw from two arrays of ``ranks_drawn``; NaN where one of both is constant."""
    middle = (times.sum(axis=1, keepdims=True) + 1) / 2  # the mean of ranks
    return _correlation(left - middle, right - middle, times, 1e-6)  # ranks differ by a half at least


def pearson_drawn(left: Floats, right: Floats, times: Floats) -> Floats:
    """Pearson's of each draw; NaN where one of both is constant."""
    n = times.sum(axis=1)
    x, y = (one - (times @ one / n)[:, None] for one in (left, right))
    return _correlation(x, y, times, 1e-12 * float(np.abs(left).max() * np.abs(right).max()))


def _correlation(x: Floats, y: Floats, times: Floats, least: float) -> Floats:
    """Of values less their means, (draws, examples); a spread up to ``least`` is what rounding leaves of none."""
    weighted_x, weighted_y = times * x, times * y
    spread = np.sqrt(np.einsum("dn,dn->d", weighted_x, x) * np.einsum("dn,dn->d", weighted_y, y))
    together = np.einsum("dn,dn->d", weighted_x, y)
    return np.where(spread > least, together / np.where(spread > least, spread, 1), np.nan)


def _times(owner: NDArray[np.int64], resamples: int, rng: np.random.Generator) -> Iterator[Floats]:
    documents = int(owner.max()) + 1
    rows = max(1, _CELLS // owner.size)
    for start in range(0, resamples, rows):
        counts = [
            np.bincount(rng.integers(documents, size=documents), minlength=documents)
            for _ in range(min(rows, resamples - start))
        ]
        yield np.stack(counts)[:, owner].astype(np.float64)
