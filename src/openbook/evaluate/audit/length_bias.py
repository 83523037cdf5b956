"""Does a judge score long texts higher than people do? Partial rank correlation, and the score without its length.

Judges are known to like length (Zheng et al. 2023). People may too, and long texts may be better: what counts as bias
is what remains of the correlation between score and length when people's score is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.agreement import Correlation, pearson, spearman
from openbook.evaluate.audit.change import Change, pearson_change
from openbook.evaluate.audit.halves import FEWEST_DOCUMENTS, crossed
from openbook.evaluate.intervals import Interval
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.resampling import (
    Floats,
    Statistic,
    correlation_of_ranks,
    draws,
    interval_of,
    owners,
    ranks_drawn,
)


@dataclass(frozen=True, slots=True)
class Controlled:
    """partial, partial_after: Pearson's of score and length with people's score held, before and after the length was
    taken out; agreement: Pearson's with people, before and after. Not Spearman's: most scores are tied, and what is
    taken out, however little, ranks all ties by their length.
    """

    partial: float | None
    partial_after: float | None
    agreement: Change


@dataclass(frozen=True, slots=True)
class LengthBias:
    """judged, people: Spearman's of their scores with the length. partial: the judge's with people's score held.
    controlled: None with fewer than 4 documents.
    """

    judge: str
    dimension: str
    n: int
    judged: float | None
    people: float | None
    partial: float | None
    interval: Interval | None
    controlled: Controlled | None


def length_bias(rows: Sequence[Scored]) -> LengthBias | None:
    """Of one judge and dimension, of the rows that have a length; None where none has."""
    kept = [(row, row.length) for row in rows if row.length is not None]
    if not kept:
        return None
    length = np.array([size for _, size in kept], float)
    score = np.array([row.score for row, _ in kept], float)
    human = np.array([row.human for row, _ in kept], float)
    owner = owners([row.document for row, _ in kept])
    partial = partial_correlation(spearman, score, length, human)
    return LengthBias(
        kept[0][0].judge,
        kept[0][0].dimension,
        len(kept),
        spearman(score, length),
        spearman(human, length),
        partial,
        interval_of(partial, draws(_partial_drawn(score, length, human), owner), owner),
        _controlled(score, length, human, owner) if owner.max() + 1 >= FEWEST_DOCUMENTS else None,
    )


def _controlled(score: Floats, length: Floats, human: Floats, owner: NDArray[np.int64]) -> Controlled:
    after = without_length(score, length, human, owner)
    return Controlled(
        partial_correlation(pearson, score, length, human),
        partial_correlation(pearson, after, length, human),
        pearson_change(score, after, human, owner),
    )


def partial_correlation(of: Correlation, left: Floats, right: Floats, held: Floats) -> float | None:
    """(r_lr - r_lh r_rh) / √((1 - r_lh²)(1 - r_rh²)), r by ``of`` (Yule 1907; of ranks, Conover 1999, ch. 5).

    None where one is constant, or as good as the one held.
    """
    between, left_held, right_held = of(left, right), of(left, held), of(right, held)
    if between is None or left_held is None or right_held is None:
        return None
    value = float(_partial(np.array([between]), np.array([left_held]), np.array([right_held]))[0])
    return None if np.isnan(value) else value


def without_length(score: Floats, length: Floats, human: Floats, owner: NDArray[np.int64], seed: int = 0) -> Floats:
    """score - c(length - its mean), c from least squares of score = a + b·human + c·length on the other half.

    With people's score beside it, c is what length adds to a text that people hold equally good; length that comes with
    quality stays.
    """

    def fitted(fit: NDArray[np.bool_], reported: NDArray[np.bool_]) -> Floats:
        middle = float(length[fit].mean())
        people, size = human[fit] - human[fit].mean(), length[fit] - middle
        spread = float(people @ people)
        # What of the length people's score does not account for: its slope is c (Frisch and Waugh 1933).
        alone = size - people * (float(people @ size) / spread) if spread > 0 else size
        rest = float(alone @ alone)
        slope = float(alone @ score[fit]) / rest if rest > 1e-9 * float(size @ size) else 0.0
        return score[reported] - slope * (length[reported] - middle)

    return crossed(fitted, owner, seed)


def _partial_drawn(score: Floats, length: Floats, human: Floats) -> Statistic:
    def drawn(times: Floats) -> Floats:
        judge, size, people = (ranks_drawn(one, times) for one in (score, length, human))
        pairs = (judge, size), (judge, people), (size, people)
        return _partial(*(correlation_of_ranks(a, b, times) for a, b in pairs))

    return drawn


def _partial(between: Floats, left_held: Floats, right_held: Floats) -> Floats:
    rest: Floats = (1 - np.square(left_held)) * (1 - np.square(right_held))
    known = np.where(rest > 1e-12, rest, np.nan)
    return (between - left_held * right_held) / np.sqrt(known)
