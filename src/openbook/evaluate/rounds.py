"""Two speeds measured in turn, round by round: how many times as fast, and whether every round says so."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from openbook.evaluate.scores import BadScores


@dataclass(frozen=True, slots=True)
class TimesAsFast:
    """The median of the rounds' ratios, and the smallest and largest of them. Between those two the true median lies
    with a probability of 1 - 2 / 2^rounds, whatever the distribution: .94 for five rounds (David and Nagaraja 2003,
    "Order Statistics", section 7.1).
    """

    value: float
    low: float
    high: float
    rounds: int

    @property
    def slower(self) -> bool:
        """In every round."""
        return self.high < 1


def times_as_fast(before: Sequence[float], after: Sequence[float]) -> TimesAsFast:
    """Rates of the same rounds, each pair measured one after the other. Raises BadScores for none, or for no pairs."""
    if not before or len(before) != len(after) or min(*before, *after) <= 0:
        raise BadScores(f"speeds come in pairs above 0, not {len(before)} beside {len(after)}: measure both in turn")
    ratios = [new / old for old, new in zip(before, after, strict=True)]
    return TimesAsFast(statistics.median(ratios), min(ratios), max(ratios), len(ratios))
