"""What a confidence is worth on a person's questions: does it rank answers well, and does it mean what it says?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openbook.evaluate.abstention import OperatingPoint, aurc, risk_coverage
from openbook.evaluate.answers import Measure, Questions
from openbook.evaluate.auroc_interval import newcombe
from openbook.evaluate.calibration import Bin, auroc, calibration_bins, calibration_error
from openbook.evaluate.intervals import Interval
from openbook.evaluate.resampled import Numbers, bootstrap

IN_A_BIN = 10
"""Questions that a bin of the calibration error should hold at least."""

DRAWS = 1_000

FEWEST = 10
"""Of each of the two kinds that an AUROC tells apart. Two tens that are not told apart at all show one up to .76, two
fives up to .88, in all but 2.5 % of draws (standard error √((m + n + 1) / 12mn); Hanley and McNeil 1982): of fewer it
says next to nothing. AURC and the calibration error take twice as many questions.
"""


@dataclass(frozen=True, slots=True)
class TooFew:
    """A figure that is not given. counts: of each kind that it takes ``FEWEST`` of, or of all questions."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sureness:
    """measures: AUROCs and AURC with intervals, but for those of too_few. error: expected calibration error over all
    questions, None where they are too few. It has no interval, since drawing again adds to it: instead, chance and
    at_most are what a confidence that means what it says would show on as many questions, on average and in all but 5 %
    of draws. curve: risk and coverage.
    """

    measures: list[Measure]
    too_few: list[TooFew]
    error: float | None
    chance: float
    at_most: float
    bins: tuple[Bin, ...]
    curve: tuple[OperatingPoint, ...]


def sureness(found: Questions) -> Sureness:
    """Over all questions, answered however sure; any answer to a question without one is wrong."""
    sure, right = np.array(found.confidence), np.array(found.right, np.float64)
    bins = most_bins(len(sure))
    ranked = [
        _auroc("AUROC: right above wrong", found, found.right),
        _auroc("AUROC: answerable above the others", found, [one.answerable for one in found.wanted]),
        _aurc("AURC: risk, mean over coverage", found),
    ]
    few = TooFew("calibration error", (len(sure),)) if len(sure) < 2 * FEWEST else None
    chance, at_most = error_of_chance(found.confidence, bins)
    return Sureness(
        [one for one in ranked if isinstance(one, Measure)],
        [one for one in (*ranked, few) if isinstance(one, TooFew)],
        None if few else calibration_error(sure, right, bins=bins),
        chance,
        at_most,
        calibration_bins(sure, right, bins=bins),
        risk_coverage(sure, right),
    )


def _auroc(name: str, found: Questions, first: Sequence[bool]) -> Measure | TooFew:
    """first: which questions are of the kind that should be surer."""
    sure, kind = np.array(found.confidence), np.array(first, np.float64)
    counts = sum(first), len(first) - sum(first)

    def area(of: Numbers) -> float | None:
        return auroc(sure[of], kind[of])

    value = area(np.arange(len(first)))
    if value is None or min(counts) < FEWEST:
        return TooFew(name, counts)
    if 0 < value < 1:
        return Measure(name, value, len(first), bootstrap(area, len(first), groups=found.groups))
    return Measure(name, value, len(first), newcombe(value, *_worth(found, first)))


def _aurc(name: str, found: Questions) -> Measure | TooFew:
    sure, right = np.array(found.confidence), np.array(found.right, np.float64)
    size = len(sure)
    if size < 2 * FEWEST:
        return TooFew(name, (size,))
    spread: Interval | None = None
    if 0 < right.sum() < size:  # of all right or all wrong, every draw is the same
        spread = bootstrap(lambda of: aurc(sure[of], right[of]), size, groups=found.groups)
    return Measure(name, aurc(sure, right), size, spread)


def _worth(found: Questions, first: Sequence[bool]) -> tuple[int, int]:
    """How many of each kind there are; of groups, as many as hold one."""
    groups = range(len(first)) if found.groups is None else found.groups
    pairs = set(zip(groups, first, strict=True))
    return sum(is_first for _, is_first in pairs), sum(not is_first for _, is_first in pairs)


def most_bins(size: int) -> int:
    """15, or fewer where a bin would hold fewer than ``IN_A_BIN`` questions."""
    return max(1, min(15, size // IN_A_BIN))


def error_of_chance(confidence: Sequence[float], bins: int, seed: int = 0) -> tuple[float, float]:
    """The calibration error of answers that are right exactly as often as the confidence says, on these confidences.

    Mean and 95 % quantile over ``DRAWS`` (consistency resampling; Bröcker and Smith 2007): even those show one, the
    larger the fewer they are.
    """
    sure = np.array(confidence)
    rng = np.random.default_rng(seed)
    errors = [
        calibration_error(sure, (rng.random(sure.size) < sure).astype(np.float64), bins=bins) for _ in range(DRAWS)
    ]
    return float(np.mean(errors)), float(np.quantile(errors, 0.95))
