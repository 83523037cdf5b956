"""Scores of whole corpora from sums: each text is a row of numbers, rows add up, and a score is taken of their sum.

BLEU and chrF are no means of texts' scores, so intervals and tests draw or swap rows and take the score again (Koehn
2004; Riezler and Maxwell 2005). A mean is such a score, too: of the rows (value, 1).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.intervals import Interval

RESAMPLES = 1_000
SWAPS = 10_000
GROUPS = 10_000
"""Rows that are kept: of more texts than that, every GROUPS-th goes into the same row and is drawn or swapped together
with it, which costs an interval little and lets a corpus of any length stream.
"""

_CELLS = 1_000_000  # numbers held at once

Rows: TypeAlias = NDArray[np.float64]
"""(texts or groups, width): whole numbers up to 2**53 add up exactly."""


@dataclass(frozen=True, slots=True)
class Measure:
    """score: of each of some summed rows, (rows, width) to (rows,). each: of each text by itself, the same shapes.

    signature: how the figure came about; given how many references each text has, None where that varies.
    """

    name: str
    signature: Callable[[int | None], str]
    score: Callable[[Rows], Rows]
    each: Callable[[Rows], Rows]


def mean_of(name: str, signature: Callable[[int | None], str]) -> Measure:
    """The mean of the texts' scores, whose rows are (score, 1)."""

    def score(rows: Rows) -> Rows:
        return rows[:, 0] / np.maximum(rows[:, 1], 1)

    return Measure(name, signature, score, score)


def with_ones(scores: Rows) -> Rows:
    """(texts,) scores as the rows of ``mean_of``."""
    return np.stack([scores, np.ones_like(scores)], axis=1)


def bootstrap_sum(
    rows: Rows, score: Callable[[Rows], Rows], texts: int, *, level: float = 0.95, seed: int = 0
) -> Interval | None:
    """The percentile interval of the score, rows drawn with replacement; None for one. texts: how many they hold."""
    if len(rows) < 2:
        return None
    found = np.concatenate([score(drawn @ rows) for drawn in _draws(len(rows), seed)])
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(score(rows.sum(axis=0)[None])[0]), float(low), float(high), level, texts)


def bootstrap_difference(
    first: Rows, second: Rows, score: Callable[[Rows], Rows], texts: int, *, level: float = 0.95, seed: int = 0
) -> Interval | None:
    """The same of the score of ``first`` less that of ``second``, whose rows are drawn together."""
    if len(first) < 2:
        return None
    draws = _draws(len(first), seed)
    found = np.concatenate([score(drawn @ first) - score(drawn @ second) for drawn in draws])
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(_apart(first, second, score), float(low), float(high), level, texts)


def swapped_sums(first: Rows, second: Rows, score: Callable[[Rows], Rows], *, seed: int = 0) -> float:
    """The p value of "no difference", two-sided: if both are alike, each pair of rows may as well change places
    (Noreen 1989). p = (count + 1) / (swaps + 1), count being the swaps that part the scores as far as they are or more.
    """
    rng = np.random.default_rng(seed)
    apart, whole = first - second, first.sum(axis=0) + second.sum(axis=0)
    observed = abs(_apart(first, second, score))
    count, size = 0, max(1, _CELLS // len(first))
    for start in range(0, SWAPS, size):
        kept = rng.integers(0, 2, size=(min(size, SWAPS - start), len(first)), dtype=np.int8).astype(np.float64)
        one = second.sum(axis=0) + kept @ apart
        # sums added in another order differ in their last digits and still count as equal
        count += int(np.count_nonzero(np.abs(score(one) - score(whole - one)) >= observed * (1 - 1e-9) - 1e-12))
    return (count + 1) / (SWAPS + 1)


def _apart(first: Rows, second: Rows, score: Callable[[Rows], Rows]) -> float:
    return float(score(first.sum(axis=0)[None])[0] - score(second.sum(axis=0)[None])[0])


def _draws(rows: int, seed: int) -> Iterator[Rows]:
    """How often each row is drawn, (draws, rows), ``RESAMPLES`` in all, in pieces."""
    rng = np.random.default_rng(seed)
    size = max(1, _CELLS // rows)
    for start in range(0, RESAMPLES, size):
        draws = min(size, RESAMPLES - start)
        places = rng.integers(rows, size=(draws, rows)) + rows * np.arange(draws)[:, None]
        yield np.bincount(places.reshape(-1), minlength=draws * rows).reshape(draws, rows).astype(np.float64)
