"""Two ways of scoring the same texts: does one agree better with people? A paired bootstrap over documents."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.agreement import pearson
from openbook.evaluate.intervals import Interval
from openbook.evaluate.resampling import (
    Floats,
    Statistic,
    correlation_of_ranks,
    draws,
    interval_of,
    pearson_drawn,
    ranks_drawn,
)
from openbook.evaluate.significance import holm

RESAMPLES = 10_000
"""Of a test: Holm's correction for 36 pairs of judges leaves p values of .004 and more to be seen."""


@dataclass(frozen=True, slots=True)
class Change:
    """difference: after minus before. p_value: of no difference; both None where documents are too few, or a value is
    missing. error: the standard error of the difference.
    """

    before: float | None
    after: float | None
    difference: Interval | None
    p_value: float | None
    error: float | None


def spearmans(columns: Sequence[Floats], target: Floats, present: Floats | None = None) -> Statistic:
    """Spearman's of each column with the target, of each draw: (draws, columns). present: 0 leaves a text out."""

    def drawn(times: Floats) -> Floats:
        kept = times if present is None else times * present
        people = ranks_drawn(target, kept)
        return np.stack([correlation_of_ranks(ranks_drawn(one, kept), people, kept) for one in columns], axis=1)

    return drawn


def pearson_change(before: Floats, after: Floats, target: Floats, owner: NDArray[np.int64]) -> Change:
    """How much better ``after`` correlates with the target than ``before`` does, text by text the same ones."""

    def drawn(times: Floats) -> Floats:
        return pearson_drawn(after, target, times) - pearson_drawn(before, target, times)

    found = draws(drawn, owner, resamples=RESAMPLES)
    return change_of(pearson(before, target), pearson(after, target), found, owner)


def change_of(before: float | None, after: float | None, drawn: Floats, owner: NDArray[np.int64]) -> Change:
    """From the draws of after minus before. They are shifted to "no difference", as in ``paired_bootstrap``."""
    value = None if before is None or after is None else after - before
    interval = interval_of(value, drawn, owner)
    if value is None or interval is None:
        return Change(before, after, None, None, None)
    found = drawn[~np.isnan(drawn)]
    reaching = int((np.abs(found - value) >= abs(value) - 1e-12).sum())
    return Change(before, after, interval, (reaching + 1) / (found.size + 1), float(found.std()))


def by_holm(changes: Sequence[Change]) -> list[Change]:
    """The same with p values adjusted for how many there are."""
    adjusted = iter(holm([one.p_value for one in changes if one.p_value is not None]))
    return [one if one.p_value is None else replace(one, p_value=next(adjusted)) for one in changes]
