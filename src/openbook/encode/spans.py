"""From start and end scores to answers: the best spans in order, no two of which overlap.

score(i, j) = s_i + e_j - log Σ e^s - log Σ e^e, the sums over all rows of a passage: the log of p(start) · q(end).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.values import ScoredSpan, Span

LONGEST_ANSWER = 30
"""Tokens of an answer at most, as SQuAD's readers have it (Devlin et al. 2018)."""

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RowScores:
    """What the graph says of one row. starts, ends: (passage tokens,); offsets: [start, end) of each in the passage."""

    starts: Scores
    ends: Scores
    relevance: float
    no_answer: float
    offsets: Sequence[tuple[int, int]]


def spans_of(rows: Sequence[RowScores], count: int) -> list[ScoredSpan]:
    """The ``count`` best answers of a passage, best first; none where it has no token."""
    filled = [row for row in rows if len(row.starts)]
    if not filled:
        return []
    normaliser = float(logsumexp([row.starts for row in filled]) + logsumexp([row.ends for row in filled]))
    found = [
        ScoredSpan(Span(row.offsets[first][0], row.offsets[last][1]), score - normaliser)
        for row in filled
        for first, last, score in best_pairs(row.starts, row.ends, count)
    ]
    kept: list[ScoredSpan] = []
    for answer in sorted(found, key=lambda a: -a.score):
        if len(kept) < count and not any(_overlap(answer.span, other.span) for other in kept):
            kept.append(answer)
    return kept


def best_pairs(starts: Scores, ends: Scores, count: int) -> list[tuple[int, int, float]]:
    """(first, last, starts[first] + ends[last]) of the best spans of one row that do not overlap."""
    tokens = len(starts)
    scores = starts[:, None] + ends[None, :]
    distance = np.arange(tokens)[None, :] - np.arange(tokens)[:, None]
    scores[(distance < 0) | (distance >= LONGEST_ANSWER)] = -np.inf
    found: list[tuple[int, int, float]] = []
    while len(found) < count:
        first, last = divmod(int(scores.argmax()), tokens)
        if scores[first, last] == -np.inf:
            break
        found.append((first, last, float(scores[first, last])))
        scores[: last + 1, first:] = -np.inf  # whatever begins before its end and ends after its start
    return found


def logsumexp(parts: Sequence[Scores]) -> float:
    """log Σ e^x over all the parts."""
    whole = np.concatenate(parts).astype(np.float64)
    return float(whole.max() + np.log(np.exp(whole - whole.max()).sum()))


def _overlap(left: Span, right: Span) -> bool:
    return left.start < right.end and right.start < left.end
