"""What a text is judged by: a name, what it means, and a scale of whole numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal, TypeAlias

from openbook.errors import OpenbookError

Source: TypeAlias = Literal["needed", "shown", "hidden"]
"""Whether the text is judged against its source, with it in sight where there is one, or without it."""

HIGHEST = 100
MOST_STEPS = 20
MOST_CHARACTERS = 2_000
_NAME = re.compile(r"[a-z][a-z0-9 _-]{0,39}")


class BadCriterion(OpenbookError):
    """A criterion that nothing can be judged by."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """low, high: the ends of the scale. weight: its share in a rubric. steps: how to judge, where a person says so;
    where none are given, the judge writes them.
    """

    name: str
    description: str
    low: int = 1
    high: int = 5
    weight: float = 1.0
    steps: tuple[str, ...] = ()
    source: Source = "shown"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadCriterion(f"{self.name[:60]!r} is no name of a criterion: give up to 40 small letters and digits")
        if not 0 < len(self.description.strip()) <= MOST_CHARACTERS:
            raise BadCriterion(f"{self.name} needs a description of at most {MOST_CHARACTERS:,} characters")
        if not 0 <= self.low < self.high <= HIGHEST:
            raise BadCriterion(
                f"{self.name} has a scale of {self.low} to {self.high}: give 0 <= low < high <= {HIGHEST}"
            )
        if not (isfinite(self.weight) and self.weight > 0):
            raise BadCriterion(f"{self.name} has a weight of {self.weight}: give a number above 0")
        if len(self.steps) > MOST_STEPS or sum(map(len, self.steps)) > MOST_CHARACTERS:
            raise BadCriterion(f"{self.name} has too many steps: give {MOST_STEPS}, of {MOST_CHARACTERS:,} characters")

    def holds(self, score: int) -> bool:
        return self.low <= score <= self.high


def one_scale(criteria: Sequence[Criterion]) -> None:
    """Raises BadCriterion where the scores of a rubric could not be averaged."""
    for other in criteria[1:]:
        if (other.low, other.high) != (criteria[0].low, criteria[0].high):
            scales = " and ".join(f"{c.name} has {c.low} to {c.high}" for c in (criteria[0], other))
            raise BadCriterion(f"a rubric's criteria share one scale, and {scales}: give all the same")
