"""How well two ways of scoring agree: Pearson's, Spearman's and Kendall's correlation, Krippendorff's alpha."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Correlation: TypeAlias = Callable[[Floats, Floats], float | None]
Level: TypeAlias = Literal["nominal", "ordinal", "interval"]


def pearson(left: Floats, right: Floats) -> float | None:
    """Σ(x - x̄)(y - ȳ) / √(Σ(x - x̄)² Σ(y - ȳ)²); None where one of both is constant."""
    x, y = left - left.mean(), right - right.mean()
    spread = float(np.sqrt(x @ x) * np.sqrt(y @ y)) if len(x) else 0.0
    return float(x @ y) / spread if spread > 0 else None


def spearman(left: Floats, right: Floats) -> float | None:
    """Pearson's of the ranks (Spearman 1904), ties sharing the mean of theirs."""
    return pearson(ranks(left), ranks(right)) if len(left) else None


def kendall(left: Floats, right: Floats) -> float | None:
    """Tau-b: (concordant - discordant) / √((n₀ - n₁)(n₀ - n₂)), n₁ and n₂ the pairs tied in one (Kendall 1945).

    In n log n by counting inversions (Knight 1966). None where one of both is constant.
    """
    order = np.lexsort((right, left))
    x, y = left[order], right[order]
    pairs = len(x) * (len(x) - 1) // 2
    tied_x, tied_y = _tied(x), _tied(np.sort(y))
    tied_both = _tied_together(x, y)
    apart = pairs - tied_x - tied_y + tied_both
    below = (pairs - tied_x) * (pairs - tied_y)
    return (apart - 2 * _inversions(y.tolist())) / below**0.5 if below else None


def ranks(values: Floats) -> Floats:
    """From 1; equal values share the mean of their ranks."""
    ordered, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    del ordered
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse.reshape(-1)]


def krippendorff_alpha(ratings: Sequence[Sequence[float | None]], level: Level = "ordinal") -> float | None:
    """α = 1 - observed / expected disagreement (Krippendorff 2011), of rows of one unit's ratings, None for missing.

    level: what a disagreement weighs: 1 (nominal), the squared distance in ranks (ordinal) or in values (interval).
    None where nothing can be paired, or all ratings are the same.
    """
    kept = [[r for r in row if r is not None] for row in ratings]
    kept = [row for row in kept if len(row) > 1]
    values = sorted({r for row in kept for r in row})
    if len(values) < 2:
        return None
    number = {value: place for place, value in enumerate(values)}
    together = np.zeros((len(values), len(values)))
    for row in kept:
        counts = np.bincount([number[r] for r in row], minlength=len(values)).astype(float)
        together += (np.outer(counts, counts) - np.diag(counts)) / (len(row) - 1)
    totals = together.sum(axis=0)
    weights = _distances(np.array(values), totals, level)
    observed = float((together * weights).sum())
    expected = float((np.outer(totals, totals) - np.diag(totals)).ravel() @ weights.ravel()) / (totals.sum() - 1)
    return 1 - observed / expected if expected > 0 else None


def _distances(values: Floats, totals: Floats, level: Level) -> Floats:
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "interval":
        return np.square(values[:, None] - values[None, :])
    middle = np.cumsum(totals) - totals / 2  # between two values lie those of the ranks between, and half of each
    return np.square(middle[:, None] - middle[None, :])


def _tied(ordered: Floats) -> int:
    """Pairs of equal values."""
    counts = np.unique(ordered, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def _tied_together(x: Floats, y: Floats) -> int:
    counts = np.unique(np.stack([x, y], axis=1), axis=0, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def _inversions(values: list[float]) -> int:
    """Pairs of which the earlier is larger, by merging halves."""
    if len(values) < 2:
        return 0
    half = len(values) // 2
    left, right = values[:half], values[half:]
    found = _inversions(left) + _inversions(right)
    left.sort()
    right.sort()
    return found + sum(len(left) - bisect_right(left, value) for value in right)
