"""Intervals over both worlds and questions, and paired comparisons, for shares and for AUROC.

Each seed has a world, questions and a model of its own: seeds are drawn again, and then the questions of each (the
bootstrap of nested groups; Davison and Hinkley 1997, section 3.8). With one seed, only questions are.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from openbook.evaluate.calibration import auroc
from openbook.evaluate.intervals import Interval
from openbook.evaluate.significance import holm
from openbook.labs.hallucination.outcome import Flags, Floats, Observed
from openbook.labs.hallucination.world import MISTOLD

RESAMPLES = 1000

Columns = Sequence[Floats]
"""Arrays of one seed, with an entry for each question."""


def nested(seeds: Sequence[Columns], statistic: Callable[[Columns], float | None]) -> Interval | None:
    """The statistic of all questions, with its 95 % percentile interval; None where it does not exist."""
    value = statistic(_joined(seeds))
    if value is None:
        return None
    drawn = resampled(seeds, statistic)
    low, high = np.quantile(drawn, [0.025, 0.975])
    n = sum(len(columns[0]) for columns in seeds)
    return Interval(value, min(float(low), value), max(float(high), value), 0.95, n)


def resampled(seeds: Sequence[Columns], statistic: Callable[[Columns], float | None]) -> Floats:
    """The statistic of ``RESAMPLES`` draws; draws in which it does not exist are left out."""
    rng = np.random.default_rng(0)
    found: list[float] = []
    for _ in range(RESAMPLES):
        drawn: list[Columns] = []
        for place in rng.integers(len(seeds), size=len(seeds)):
            columns = seeds[int(place)]
            rows = rng.integers(len(columns[0]), size=len(columns[0]))
            drawn.append([column[rows] for column in columns])
        value = statistic(_joined(drawn))
        if value is not None:
            found.append(value)
    return np.array(found)


def share(seeds: Sequence[Floats | Flags]) -> Interval | None:
    """A mean over questions; None where there is none."""
    kept = [[np.asarray(values, np.float64)] for values in seeds if len(values)]
    return nested(kept, lambda columns: float(columns[0].mean())) if kept else None


def separates(observed: Sequence[Observed], signal: str, *, mistold: bool) -> Interval | None:
    """AUROC of a signal for a right answer at temperature 0. mistold: facts that training tells wrongly too."""
    return nested([_scored(one, (signal,), mistold) for one in observed], _auroc)


def against_best(
    observed: Sequence[Observed], values: Mapping[str, float], *, mistold: bool
) -> dict[str, tuple[float, float]]:
    """Of each signal but the best: its AUROC less the best one's, and the p value of no difference, Holm-adjusted.

    Paired: both signals are scored on the same drawn questions; p = 2 (draws on the other side of 0 + 1) / (draws + 1).
    """
    best = max(values, key=values.__getitem__)
    others = [name for name in values if name != best]
    found: dict[str, tuple[float, float]] = {}
    for name in others:
        drawn = resampled([_scored(one, (name, best), mistold) for one in observed], _auroc_difference)
        tail = min(int((drawn >= 0).sum()), int((drawn <= 0).sum()))
        found[name] = (values[name] - values[best], min(1.0, 2 * (tail + 1) / (drawn.size + 1)))
    adjusted = holm([p for _, p in found.values()])
    return {name: (found[name][0], p) for name, p in zip(others, adjusted, strict=True)}


def asked_about(one: Observed, *, mistold: bool) -> Flags:
    """The questions that count."""
    return np.ones(len(one.group), bool) if mistold else one.group != MISTOLD


def pooled(observed: Sequence[Observed], signal: str, *, mistold: bool) -> tuple[Floats, Floats]:
    """Confidence and rightness of all seeds' questions."""
    parts = [_scored(one, (signal,), mistold) for one in observed]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[-1] for part in parts])


def _scored(one: Observed, names: Sequence[str], mistold: bool) -> Columns:
    kept = asked_about(one, mistold=mistold)
    return [*(one.confidence[name][kept] for name in names), one.greedy.right[kept].astype(np.float64)]


def _auroc(columns: Columns) -> float | None:
    return auroc(columns[0], columns[1])


def _auroc_difference(columns: Columns) -> float | None:
    first, second = auroc(columns[0], columns[2]), auroc(columns[1], columns[2])
    return None if first is None or second is None else first - second


def _joined(seeds: Sequence[Columns]) -> Columns:
    return [np.concatenate(parts) for parts in zip(*seeds, strict=True)]
