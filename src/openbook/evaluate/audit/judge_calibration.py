"""How far a judge's scores lie from people's, and how far after they were mapped to people's scale."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.audit.halves import FEWEST_DOCUMENTS, crossed
from openbook.evaluate.audit.isotonic import isotonic
from openbook.evaluate.intervals import Interval, bootstrap_mean
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.resampling import FEWEST_DRAWN, Floats, owners
from openbook.evaluate.significance import paired_randomisation

SPLITS = 10
_BINS = 10
_LEAST_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Calibration:
    """bias: mean of judge minus people. Mean absolute errors: raw, as scored; constant, of people's mean alone, which a
    judge must beat; linear and isotonic, mapped; each fitted on the other half, the mean of 10 splits. spread: the
    least and the largest of the splits' isotonic errors. gain: raw minus isotonic, with its p value.
    """

    judge: str
    dimension: str
    n: int
    bias: float
    bias_interval: Interval | None
    raw: float
    constant: float | None
    linear: float | None
    isotonic: float | None
    spread: tuple[float, float] | None
    gain: Interval | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """Of all texts around one score: the mean score, people's mean and its interval, and how many they are."""

    score: float
    people: float
    interval: Interval | None
    n: int


def judge_calibration(rows: Sequence[Scored]) -> Calibration:
    """Of one judge and dimension. Without documents enough to split (4), the bias and the raw error alone."""
    score = np.array([row.score for row in rows], float)
    human = np.array([row.human for row in rows], float)
    owner = owners([row.document for row in rows])
    groups = owner.tolist()
    raw = np.abs(score - human)
    about = rows[0].judge, rows[0].dimension, len(rows), float((score - human).mean())
    bias = bootstrap_mean(score - human, groups=groups) if owner.max() + 1 >= FEWEST_DRAWN else None
    if owner.max() + 1 < FEWEST_DOCUMENTS:
        return Calibration(*about, bias, float(raw.mean()), None, None, None, None, None, None)
    errors = {
        name: np.stack([np.abs(_mapped(of, score, human, owner, seed) - human) for seed in range(SPLITS)])
        for name, of in (("constant", _constant), ("linear", _linear), ("isotonic", _isotonic))
    }
    each = errors["isotonic"].mean(axis=0)
    by_split = errors["isotonic"].mean(axis=1)
    return Calibration(
        *about,
        bias,
        float(raw.mean()),
        float(errors["constant"].mean()),
        float(errors["linear"].mean()),
        float(errors["isotonic"].mean()),
        (float(by_split.min()), float(by_split.max())),
        bootstrap_mean(raw - each, groups=groups),
        paired_randomisation(raw, each, groups=groups).p_value,
    )


def curve(rows: Sequence[Scored]) -> list[Point]:
    """People's mean by the judge's score: of each score where they are 10 at most, else of tenths of the texts.

    Scores that under 2 % of the texts got are left out: what so few say is noise.
    """
    score = np.array([row.score for row in rows], float)
    human = np.array([row.human for row in rows], float)
    owner = owners([row.document for row in rows])
    distinct = np.unique(score)
    if distinct.size > _BINS:
        cuts = np.unique(np.quantile(score, np.linspace(0, 1, _BINS + 1)[1:-1]))
        which = np.searchsorted(cuts, score, side="right")  # equal scores stay together
    else:
        which = np.searchsorted(distinct, score)
    return [
        Point(
            float(score[own].mean()),
            float(human[own].mean()),
            bootstrap_mean(human[own], groups=owner[own].tolist(), resamples=2_000),
            int(own.sum()),
        )
        for own in (which == number for number in np.unique(which).tolist())
        if own.mean() >= _LEAST_SHARE
    ]


_Map: TypeAlias = Callable[[Floats, Floats, Floats], Floats]
"""Scores and people's scores to fit on, and scores to map."""


def _mapped(of: _Map, score: Floats, human: Floats, owner: NDArray[np.int64], seed: int) -> Floats:
    return crossed(lambda fit, reported: of(score[fit], human[fit], score[reported]), owner, seed)


def _constant(score: Floats, human: Floats, new: Floats) -> Floats:
    del score
    return np.full(new.size, human.mean())


def _linear(score: Floats, human: Floats, new: Floats) -> Floats:
    centred = score - score.mean()
    spread = float(centred @ centred)
    slope = float(centred @ human) / spread if spread > 0 else 0.0
    return human.mean() + slope * (new - score.mean())


def _isotonic(score: Floats, human: Floats, new: Floats) -> Floats:
    return np.interp(new, *isotonic(score, human))
