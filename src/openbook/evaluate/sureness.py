"""What a confidence is worth on a person's questions: does it rank answers well, and does it mean what it says?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openbook.evaluate.abstention import OperatingPoint, aurc, risk_coverage
from openbook.evaluate.answers import Measure, Questions
from openbook.evaluate.calibration import Bin, auroc, calibration_bins, calibration_error
from openbook.evaluate.resampled import Numbers, Statistic, bootstrap

IN_A_BIN = 10
"""Questions that a bin of the calibration error should hold at least."""

DRAWS = 1_000


@dataclass(frozen=True, slots=True)
class Sureness:
    """measures: AUROCs and AURC with intervals. error: expected calibration error over all questions, where none has
    an interval, since drawing again adds to it: instead, chance and at_most are what a confidence that means what it
    says would show on as many questions, on average and in all but 5 % of draws. curve: risk and coverage.
    """

    measures: list[Measure]
    error: float
    chance: float
    at_most: float
    bins: tuple[Bin, ...]
    curve: tuple[OperatingPoint, ...]


def sureness(found: Questions) -> Sureness:
    """Over all questions, answered however sure; any answer to a question without one is wrong."""
    sure, right = np.array(found.confidence), np.array(found.right, np.float64)
    answerable = np.array([float(one.answerable) for one in found.wanted])
    size = len(sure)
    bins = most_bins(size)

    def right_above_wrong(of: Numbers) -> float | None:
        return auroc(sure[of], right[of])

    def answerable_above_others(of: Numbers) -> float | None:
        return auroc(sure[of], answerable[of])

    def area(of: Numbers) -> float | None:
        return aurc(sure[of], right[of])

    def measure(name: str, statistic: Statistic) -> Measure | None:
        value = statistic(np.arange(size))
        return None if value is None else Measure(name, value, size, bootstrap(statistic, size, groups=found.groups))

    measures = (
        measure("AUROC: right above wrong", right_above_wrong),
        measure("AUROC: answerable above the others", answerable_above_others),
        measure("AURC: risk, mean over coverage", area),
    )
    chance, at_most = error_of_chance(found.confidence, bins)
    return Sureness(
        [one for one in measures if one is not None],
        calibration_error(sure, right, bins=bins),
        chance,
        at_most,
        calibration_bins(sure, right, bins=bins),
        risk_coverage(sure, right),
    )


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
