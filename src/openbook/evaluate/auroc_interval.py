"""An interval for AUROC that stays open where the two kinds are told apart without fault.

The bootstrap's has no width there, however few they are: every draw is told apart without fault too.
"""

from collections.abc import Callable
from statistics import NormalDist

from openbook.evaluate.intervals import Interval
from openbook.evaluate.scores import BadScores, check_level


def newcombe(value: float, positives: int, negatives: int, *, level: float = 0.95) -> Interval:
    """Newcombe's score interval (2006, "Confidence intervals for an effect size measure based on the Mann-Whitney
    statistic. Part 2", method 5): every θ with |value - θ| <= z √V(θ), with m and n of the two kinds and
    V(θ) = θ(1 - θ)(1 + ((m + n)/2 - 1)((1 - θ)/(2 - θ) + θ/(1 + θ))) / mn.
    """
    check_level(level)
    if not 0 <= value <= 1 or min(positives, negatives) < 1:
        raise BadScores(f"an AUROC needs 0 <= value <= 1 and one of each kind, not {value}, {positives}, {negatives}")
    z = NormalDist().inv_cdf((1 + level) / 2)

    def within(theta: float) -> bool:
        more = (positives + negatives) / 2 - 1
        larger = 1 + more * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return abs(value - theta) <= z * (theta * (1 - theta) * larger / (positives * negatives)) ** 0.5

    return Interval(value, _edge(within, value, 0.0), _edge(within, value, 1.0), level, positives + negatives)


def _edge(within: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where ``within`` ends between the two, by halving."""
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if within(middle) else (inside, middle)
    return inside
