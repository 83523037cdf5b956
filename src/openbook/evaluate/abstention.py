"""When to stay silent: risk against coverage, and the threshold to answer at.

Each example has a confidence and whether its answer would be correct (1 or 0, or a share such as token F1; on an
unanswerable question any answer is wrong). A threshold answers every example whose confidence reaches it, so examples
of equal confidence are answered together and the order in which they are passed never matters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.scores import BadScores, Scores, as_array, as_pair, as_shares


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What answering at ``confidence >= threshold`` gives.

    coverage: answered / all. risk: wrong / answered (0 where nothing is answered). false_answers: wrong / all.
    """

    threshold: float
    coverage: float
    risk: float
    false_answers: float


SILENT = OperatingPoint(inf, 0.0, 0.0, 0.0)
"""Answering nothing."""


def risk_coverage(confidence: Scores, correct: Scores) -> tuple[OperatingPoint, ...]:
    """The curve (El-Yaniv and Wiener 2010): a point for each distinct confidence, from the least coverage to all."""
    levels, counts, wrong = _groups(confidence, correct)
    answered, errors = np.cumsum(counts), np.cumsum(wrong)
    n = int(answered[-1])
    return tuple(
        OperatingPoint(float(level), float(size / n), float(lost / size), float(lost / n))
        for level, size, lost in zip(levels, answered, errors, strict=True)
    )


def aurc(confidence: Scores, correct: Scores) -> float:
    """Area under the risk-coverage curve: the mean, over k = 1 to n, of the risk of the k most confident answers.

    Geifman and El-Yaniv 2017. Within a tie the risk is that of a random order, on average.
    """
    _, counts, wrong = _groups(confidence, correct)
    share = np.repeat(wrong / counts, counts.astype(np.int64))
    return float(np.mean(np.cumsum(share) / np.arange(1, share.size + 1)))


def at_risk(confidence: Scores, correct: Scores, bound: float) -> OperatingPoint:
    """The point of the largest coverage whose risk is at most ``bound``; SILENT where none is."""
    _check_share(bound, "the risk bound")
    within = [point for point in risk_coverage(confidence, correct) if point.risk <= bound]
    return within[-1] if within else SILENT


def at_false_answers(confidence: Scores, correct: Scores, bound: float) -> OperatingPoint:
    """The point of the largest coverage at which wrong answers are at most ``bound`` of all examples, else SILENT.

    Pass unanswerable questions alone to bound the share of them that gets an answer.
    """
    _check_share(bound, "the rate of false answers")
    within = [point for point in risk_coverage(confidence, correct) if point.false_answers <= bound]
    return within[-1] if within else SILENT


def at_best_utility(
    confidence: Scores,
    correct: Scores,
    *,
    right: float = 1.0,
    wrong: float = -1.0,
    silence: float | Sequence[float] = 0.0,
) -> OperatingPoint:
    """The point that earns most: ``right`` for a right answer, ``wrong`` for a wrong one, ``silence`` for none.

    silence may be one value an example: 1 where a question is unanswerable and 0 elsewhere, with wrong = 0, is how
    SQuAD 2.0 chooses its threshold. Of equally good points, the most silent.
    """
    scores, quality = as_pair(confidence, as_shares(correct, "correct"), ("confidence", "correct"))
    flat = isinstance(silence, int | float)
    kept = as_array(np.full(scores.size, float(silence)) if flat else silence, "silence")
    if kept.size != scores.size:
        raise BadScores(
            f"silence has {kept.size} values for {scores.size} examples: pass one number, or one an example"
        )
    as_array((right, wrong), "(right, wrong)")
    gain = quality * right + (1 - quality) * wrong - kept
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    earned = np.cumsum(gain[order])[last]
    best = int(np.argmax(earned))
    # Rounding must not prefer an answer that earns nothing.
    return risk_coverage(confidence, correct)[best] if earned[best] > 1e-12 * np.abs(gain).sum() else SILENT


def _groups(
    confidence: Scores, correct: Scores
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Distinct confidences, largest first; how many examples have each; and how much of those is wrong."""
    scores, quality = as_pair(confidence, as_shares(correct, "correct"), ("confidence", "correct"))
    levels, which, counts = np.unique(-scores, return_inverse=True, return_counts=True)
    wrong = np.bincount(which, weights=1 - quality).astype(np.float64)
    return -levels, counts.astype(np.float64), wrong


def _check_share(bound: float, name: str) -> None:
    if not 0 <= bound <= 1:
        raise BadScores(f"{name} must lie between 0 and 1, not {bound}")
