"""How many more examples would tell: the power of a paired comparison, from the differences seen so far.

What is supposed is that the difference seen is the true one. It is itself uncertain, so the number is a plan for the
next measurement ("about"), never a result.
"""

from collections.abc import Hashable, Sequence
from math import ceil, log2
from statistics import NormalDist

import numpy as np

from openbook.evaluate.intervals import by_group
from openbook.evaluate.scores import BadScores, Scores, as_array, check_level

MOST = 1_000_000
"""More examples than this are never: nobody will look at them."""


def power(effect: float, n: int, *, level: float = 0.05) -> float:
    """Φ(√n|d| - z) + Φ(-√n|d| - z), z = Φ⁻¹(1 - level/2): the chance to find a difference of d spreads with n pairs.

    The normal approximation (Cohen 1988, ch. 2); effect: mean over standard deviation of the differences.
    """
    check_level(level)
    if n < 1:
        raise BadScores(f"power needs at least one pair, not {n}")
    normal, shift = NormalDist(), n**0.5 * abs(effect)
    z = normal.inv_cdf(1 - level / 2)
    return normal.cdf(shift - z) + normal.cdf(-shift - z)


def needed_from_error(difference: float, error: float, n: int, *, level: float = 0.05, power: float = 0.8) -> int:
    """n ((z₁ + z₂) error / difference)², rounded up: how many in all, of a statistic whose error falls as 1/√n.

    error: its standard error with n. z₁ = Φ⁻¹(1 - level/2), z₂ = Φ⁻¹(power). At most ``MOST``.
    """
    if difference == 0 or n < 1:
        raise BadScores("a difference of zero needs no number of examples: none would tell it from zero")
    wanted = n * (_z(level, power) * error / difference) ** 2
    return ceil(min(wanted, MOST))


def needed(
    differences: Scores,
    *,
    level: float = 0.05,
    power: float = 0.8,
    groups: Sequence[Hashable] | None = None,
) -> int | None:
    """How many more examples are needed to find the mean of these differences with this power; 0 if they are enough.

    None for never: the mean is zero, or there is one example (one group) and so no spread to go by. groups: as in
    ``paired_randomisation``; more groups of the same size are then meant. No test by random swaps says less than
    2^(1 - n), so it asks for log₂(1/level) + 1 groups at least.
    """
    array = as_array(differences, "differences")
    sums, counts = by_group(array, groups)
    mean, n, k = float(array.mean()), array.size, sums.size
    largest = float(np.abs(array).max())
    if k < 2 or abs(mean) <= 1e-12 * largest:
        return None
    error = (float(np.square(sums - mean * counts).sum()) * k / (k - 1)) ** 0.5 / n
    total = max(needed_from_error(mean, error, n, level=level, power=power), ceil(n / k * (log2(1 / level) + 1)))
    return max(0, total - n) if total < MOST else None


def needed_for_shares(
    only_first: int, only_second: int, n: int, *, level: float = 0.05, power: float = 0.8
) -> int | None:
    """The same for right or wrong: n' = (z₁√ψ + z₂√(ψ - δ²))² / δ² pairs in all (Connor 1987), for McNemar's test.

    only_first, only_second: of n pairs, those that A alone, and B alone, has right. ψ = (b + c)/n, δ = (b - c)/n.
    None for never: as many the one way as the other.
    """
    if min(only_first, only_second) < 0 or n < 1 or only_first + only_second > n:
        raise BadScores(f"{only_first} and {only_second} discordant pairs do not fit into {n}: count them again")
    if only_first == only_second:
        return None
    apart, difference = (only_first + only_second) / n, (only_first - only_second) / n
    normal = NormalDist()
    check_level(level)
    check_level(power)
    z_level, z_power = normal.inv_cdf(1 - level / 2), normal.inv_cdf(power)
    wanted = (z_level * apart**0.5 + z_power * (apart - difference * difference) ** 0.5) ** 2 / difference**2
    total = max(wanted, (log2(1 / level) + 1) / apart)  # so many discordant pairs at least, as above
    return max(0, ceil(total) - n) if total < MOST else None


def more_in_words(more: int | None, thing: str = "example") -> str:
    """``about 340 more examples are needed to tell``; two significant digits, since the number is no sharper."""
    if more is None:
        return f"no difference is seen that more {thing}s would tell"
    about = more if more < 100 else round(more, 1 - int(np.log10(more)))
    if about == 1:
        return f"about 1 more {thing} is needed to tell"
    return f"about {about:,} more {thing}s are needed to tell"


def _z(level: float, power: float) -> float:
    check_level(level)
    check_level(power)
    return NormalDist().inv_cdf(1 - level / 2) + NormalDist().inv_cdf(power)
