"""Thresholds with a guarantee for questions that were not looked at, whatever gave the confidences.

The questions that a threshold is set on and those it is used for must be exchangeable: drawn alike, in any order. It
then holds on average over such draws, not for every one.
"""

from math import ceil

from openbook.evaluate.abstention import SILENT, OperatingPoint, risk_coverage
from openbook.evaluate.scores import BadScores, Scores


def at_expected_false_answers(confidence: Scores, correct: Scores, bound: float) -> OperatingPoint:
    """The point of the largest coverage whose wrong answers are ``bound`` of all new questions at most, in expectation.

    Conformal risk control (Angelopoulos et al. 2022, theorem 1): with loss 1 for a wrong answer that is given, the mean
    loss R̂ at the threshold over n questions has to satisfy (n R̂ + 1) / (n + 1) <= bound. SILENT where none does; fewer
    than ``fewest(bound)`` questions can promise nothing.
    """
    if not 0 < bound < 1:
        raise BadScores(f"the bound must lie between 0 and 1, not {bound}")
    n = len(correct)
    points = risk_coverage(confidence, correct)
    within = [point for point in points if (n * point.false_answers + 1) / (n + 1) <= bound]
    return within[-1] if within else SILENT


def fewest(bound: float) -> int:
    """Questions that are needed to promise this bound, with none of them answered wrongly."""
    return ceil(1 / bound - 1 - 1e-9)
