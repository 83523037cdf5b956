"""Can an answer that says nothing win? A constant text among the candidates shows what a judge rewards by itself.

Zheng et al. (2024) got top win rates from several automatic judges with one fixed answer.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openbook.evaluate.audit.pairs import preference
from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.position_bias import Compared, document_groups
from openbook.evaluate.resampling import owners


@dataclass(frozen=True, slots=True)
class NullScore:
    """A constant answer's score. document: "" where the file does not say."""

    judge: str
    dimension: str
    document: str
    score: float


@dataclass(frozen=True, slots=True)
class NullAnswer:
    """at_median: constant answers that score at or above the median real text, None of verdicts. wins: how often the
    constant answer beats a real text (of its document, where known), a tie counting half.
    """

    judge: str
    dimension: str
    n: int
    at_median: Interval | None
    wins: float
    interval: Interval | None


def null_scores(nulls: Sequence[NullScore], real: Sequence[Scored]) -> NullAnswer | None:
    """Of one judge and dimension; None without a constant answer or without a real text beside it."""
    by_document: dict[str, list[float]] = defaultdict(list)
    for row in real:
        by_document[row.document].append(row.score)
    everywhere = np.array([row.score for row in real], float)
    kept = [(null, np.array(by_document.get(null.document) or everywhere, float)) for null in nulls if real]
    if not kept:
        return None
    wins = [float(np.mean((null.score > own) + 0.5 * (null.score == own))) for null, own in kept]
    above = sum(null.score >= float(np.median(everywhere)) for null, _ in kept)
    return NullAnswer(
        kept[0][0].judge,
        kept[0][0].dimension,
        len(kept),
        wilson(above, len(kept)),
        sum(wins) / len(wins),
        bootstrap_mean(wins, groups=owners([null.document for null, _ in kept]).tolist()),
    )


def null_verdicts(rows: Sequence[Compared]) -> NullAnswer | None:
    """Of one judge's verdicts on pairs of which one text is constant, over both orders."""
    kept = [row for row in rows if row.null]
    if not kept:
        return None
    wins = [
        preferred if row.null == 1 else 1 - preferred
        for row in kept
        for preferred in [preference(row.choice, row.swapped)]
    ]
    interval = bootstrap_mean(wins, groups=document_groups(kept))
    return NullAnswer(kept[0].judge, kept[0].dimension, len(kept), None, sum(wins) / len(wins), interval)
