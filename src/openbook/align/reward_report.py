"""How good a reward model is on pairs it has not seen: how often right, whether its sureness is true, and what it owes
to length.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.agreement import spearman
from openbook.evaluate.calibration import Bin, calibration_bins, calibration_error
from openbook.evaluate.intervals import Interval, wilson_in_groups

Floats = NDArray[np.float64]

BINS, FEWEST = 10, 20
"""Parts that pairs are cut into by how sure the model is, and pairs in a part: with fewer pairs, fewer parts."""


@dataclass(frozen=True, slots=True)
class RewardReport:
    """accuracy: of the preferred reply having the higher reward, a tie being wrong; its interval minds that pairs of
    one prompt are alike. shorter, longer: the same where the preferred reply is that; None where there are none.

    error: expected calibration error of σ(|margin|) as the chance of being right; reliability: by bins of it. length:
    Spearman's correlation of reward and tokens over all replies, None where one of both is constant.
    """

    accuracy: Interval
    margin: float
    error: float
    reliability: tuple[Bin, ...]
    length: float | None
    shorter: Interval | None
    longer: Interval | None


def report(
    chosen: Floats, rejected: Floats, lengths: tuple[Floats, Floats], groups: Sequence[Hashable]
) -> RewardReport:
    """chosen, rejected: (pairs,) rewards; lengths: tokens of both; groups: what each pair belongs to, as its prompt."""
    margin = chosen - rejected
    right = margin > 0
    sure = 1 / (1 + np.exp(-np.abs(margin)))
    bins = max(1, min(BINS, len(margin) // FEWEST))
    of_length = spearman(np.concatenate([chosen, rejected]), np.concatenate(lengths))
    ahead = lengths[0] - lengths[1]
    return RewardReport(
        wilson_in_groups(right.tolist(), groups),
        float(margin.mean()),
        calibration_error(sure, right, bins=bins),
        calibration_bins(sure, right, bins=bins),
        of_length,
        _where(ahead < 0, right, groups),
        _where(ahead > 0, right, groups),
    )


def _where(these: NDArray[np.bool_], right: NDArray[np.bool_], groups: Sequence[Hashable]) -> Interval | None:
    if not these.any():
        return None
    kept = [group for group, wanted in zip(groups, these.tolist(), strict=True) if wanted]
    return wilson_in_groups(right[these].tolist(), kept)
