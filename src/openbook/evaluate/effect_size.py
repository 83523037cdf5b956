"""How large a difference is, apart from whether it is there: in spreads, in chances, and for shares.

A p value shrinks with the number of examples; an effect size does not. Scores of A and B stand as in ``significance``.
"""

from collections.abc import Hashable, Sequence
from math import asin, exp, lgamma

import numpy as np

from openbook.evaluate.agreement import ranks
from openbook.evaluate.intervals import Interval
from openbook.evaluate.resampling import Floats, draws, interval_of
from openbook.evaluate.scores import BadScores, Scores, as_array, as_pair, as_shares, check_level, numbered

_ROUNDING = 1e-12
"""A spread below this part of the largest score is what rounding leaves of equal ones."""


def paired_d(first: Scores, second: Scores) -> float | None:
    """d = mean(A - B) / s(A - B), s over n - 1 (Cohen 1988, p. 48, his d_z). None of one pair, or without spread."""
    left, right = as_pair(first, second, ("first", "second"))
    return _in_spreads(left - right, float(max(np.abs(left).max(), np.abs(right).max())))


def independent_d(first: Scores, second: Scores) -> float | None:
    """d = (mean A - mean B) / s, s² = ((n_A - 1)s_A² + (n_B - 1)s_B²) / (n_A + n_B - 2) (Cohen 1988, eq. 2.5.1)."""
    left, right = as_array(first, "first"), as_array(second, "second")
    freedom = left.size + right.size - 2
    if freedom < 1:
        return None
    squares = float(np.square(left - left.mean()).sum() + np.square(right - right.mean()).sum())
    spread = (squares / freedom) ** 0.5
    if spread <= _ROUNDING * float(max(np.abs(left).max(), np.abs(right).max())):
        return None
    return float(left.mean() - right.mean()) / spread


def hedges(d: float, freedom: int) -> float:
    """g = d Γ(m/2) / (√(m/2) Γ((m - 1)/2)), m degrees of freedom: d without its bias in small samples (Hedges 1981).

    freedom: n - 1 of pairs, n_A + n_B - 2 of independent scores; at least 2.
    """
    if freedom < 2:
        raise BadScores(f"Hedges' correction needs at least 2 degrees of freedom, not {freedom}: pass more examples")
    return d * exp(lgamma(freedom / 2) - lgamma((freedom - 1) / 2)) / (freedom / 2) ** 0.5


def superiority(first: Scores, second: Scores) -> float:
    """A = P(a > b) + P(a = b)/2 for a of A and b of B drawn apart (Vargha and Delaney 2000); half: alike.

    From Mann-Whitney's rank sum, in n log n. Cliff's delta (1993) is 2A - 1.
    """
    left, right = as_array(first, "first"), as_array(second, "second")
    above = float(ranks(np.concatenate([left, right]))[: left.size].sum()) - left.size * (left.size + 1) / 2
    return above / (left.size * right.size)


def cliffs_delta(first: Scores, second: Scores) -> float:
    """P(a > b) - P(a < b), from -1 to 1 (Cliff 1993)."""
    return 2 * superiority(first, second) - 1


def paired_superiority(first: Scores, second: Scores) -> float:
    """The share of pairs in which A has the higher score, an equal pair counting half."""
    left, right = as_pair(first, second, ("first", "second"))
    return (int((left > right).sum()) + int((left == right).sum()) / 2) / left.size


def cohens_h(first: float, second: float) -> float:
    """h = 2 asin √p_A - 2 asin √p_B of two shares (Cohen 1988, eq. 6.2.1): equal steps are equally easy to tell."""
    shares = as_shares([first, second], "shares")
    return 2 * asin(float(shares[0]) ** 0.5) - 2 * asin(float(shares[1]) ** 0.5)


def paired_d_interval(
    first: Scores,
    second: Scores,
    *,
    groups: Sequence[Hashable] | None = None,
    level: float = 0.95,
    resamples: int = 2_000,
    seed: int = 0,
) -> Interval | None:
    """``paired_d`` with its percentile bootstrap interval, whole groups drawn. None of fewer than 3, or without d."""
    check_level(level)
    left, right = as_pair(first, second, ("first", "second"))
    value = paired_d(left, right)
    if value is None:
        return None
    difference = left - right
    owner = numbered(range(difference.size) if groups is None else groups, difference.size)

    def drawn_d(times: Floats) -> Floats:
        n = times.sum(axis=1)
        mean = times @ difference / n
        variance = np.einsum("dn,dn->d", times, np.square(difference - mean[:, None])) / np.maximum(n - 1, 1)
        spread = np.sqrt(variance)
        return np.where(spread > 0, mean / np.where(spread > 0, spread, 1), np.nan)

    return interval_of(value, draws(drawn_d, owner, resamples=resamples, seed=seed), owner, level)


def _in_spreads(differences: Floats, largest: float) -> float | None:
    if differences.size < 2:
        return None
    spread = float(differences.std(ddof=1))
    return float(differences.mean()) / spread if spread > _ROUNDING * largest else None
