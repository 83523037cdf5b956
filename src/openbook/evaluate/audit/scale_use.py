"""How much of its scale a judge uses, beside people: shares of each score and their entropy."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.resampling import Floats

_MOST_STEPS = 20
_BINS = 10


@dataclass(frozen=True, slots=True)
class ScaleUse:
    """steps: what each share is of: whole scores, or tenths of the range by their middle. entropy, people_entropy: of
    the shares, 0 where all get one score and 1 where all steps are used alike.
    """

    judge: str
    dimension: str
    n: int
    steps: tuple[float, ...]
    shares: tuple[float, ...]
    people: tuple[float, ...]
    entropy: float
    people_entropy: float

    @property
    def favourite(self) -> tuple[float, float]:
        """The judge's most frequent step, and its share."""
        share, step = max(zip(self.shares, self.steps, strict=True))
        return step, share


def scale_use(rows: Sequence[Scored], scale: tuple[float, float] | None = None) -> ScaleUse:
    """Of one judge and dimension. scale: its ends, where declared; else the range of the judge's and people's scores.

    Whole scores on a scale of at most 20 steps are the steps, and people's means are rounded to them.
    """
    score = np.array([row.score for row in rows], float)
    human = np.array([row.human for row in rows], float)
    low, high = scale or (float(min(score.min(), human.min())), float(max(score.max(), human.max())))
    whole = sum(row.score == round(row.score) for row in rows)
    if whole > 0.9 * len(rows) and high - low < _MOST_STEPS:
        first, last = floor(low), ceil(high)
        steps = [float(step) for step in range(first, last + 1)]
        shares, people = (_shares(np.floor(values - first + 0.5), len(steps)) for values in (score, human))
    else:
        width = (high - low) / _BINS or 1.0
        steps = [low + width * (place + 0.5) for place in range(_BINS)]
        shares, people = (_shares(np.floor((values - low) / width), _BINS) for values in (score, human))
    return ScaleUse(
        rows[0].judge,
        rows[0].dimension,
        len(rows),
        tuple(steps),
        tuple(shares.tolist()),
        tuple(people.tolist()),
        entropy(shares),
        entropy(people),
    )


def entropy(shares: Floats) -> float:
    """-Σ p log p / log k of k shares (Shannon 1948), from 0 to 1; 0 of one share alone."""
    used = shares[shares > 0]
    return max(0.0, -float(used @ np.log(used))) / float(np.log(shares.size)) if shares.size > 1 else 0.0


def _shares(which: Floats, size: int) -> Floats:
    return np.bincount(np.clip(which, 0, size - 1).astype(np.int64), minlength=size) / which.size
