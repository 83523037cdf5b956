"""Does a confidence rank answers well (AUROC), and does it mean what it says (calibration)?"""

from dataclasses import dataclass

import numpy as np

from openbook.evaluate.scores import BadScores, Scores, as_pair, as_shares


@dataclass(frozen=True, slots=True)
class Bin:
    """Examples of neighbouring confidence: their mean confidence, the share that is correct, and how many they are."""

    confidence: float
    correct: float
    n: int


def auroc(confidence: Scores, correct: Scores) -> float | None:
    """The chance that a right answer has more confidence than a wrong one, a tie counting half.

    Mann-Whitney's U over the number of pairs (Hanley and McNeil 1982). None where all are right or all are wrong.
    """
    scores, right = as_pair(confidence, correct, ("confidence", "correct"))
    if not np.isin(right, (0, 1)).all():
        raise BadScores("correct must be 0 or 1 for every example: round or threshold a graded score first")
    positives = int(right.sum())
    negatives = right.size - positives
    if not positives or not negatives:
        return None
    _, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle_rank = np.cumsum(counts) - (counts - 1) / 2  # the mean rank, from 1, of the examples that share a value
    u = float(middle_rank[which][right == 1].sum()) - positives * (positives + 1) / 2
    return u / (positives * negatives)


def calibration_bins(confidence: Scores, correct: Scores, *, bins: int = 15) -> tuple[Bin, ...]:
    """Examples in order of confidence, cut into ``bins`` of equal count (give or take one; fewer with few examples).

    Where a tie lies across a cut, each side takes the tie's mean correctness, so that the order passed never matters.
    """
    if bins < 1:
        raise BadScores(f"bins must be at least 1, not {bins}")
    scores, right = as_pair(
        as_shares(confidence, "confidence"), as_shares(correct, "correct"), ("confidence", "correct")
    )
    levels, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_right = np.bincount(which, weights=right) / counts
    ordered, smoothed = np.repeat(levels, counts), np.repeat(mean_right, counts)
    cuts = zip(
        np.array_split(ordered, min(bins, scores.size)), np.array_split(smoothed, min(bins, scores.size)), strict=True
    )
    return tuple(Bin(float(part.mean()), float(share.mean()), part.size) for part, share in cuts)


def calibration_error(confidence: Scores, correct: Scores, *, bins: int = 15) -> float:
    """Expected calibration error with equal-mass bins: the mean of |confidence - correct| over bins, by their size.

    Naeini et al. 2015, with the binning of Nguyen and O'Connor 2015. It grows with ``bins`` and shrinks with the number
    of examples, so compare only at equal counts.
    """
    parts = calibration_bins(confidence, correct, bins=bins)
    total = sum(part.n for part in parts)
    return sum(part.n * abs(part.confidence - part.correct) for part in parts) / total
