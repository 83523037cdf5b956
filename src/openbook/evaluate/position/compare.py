"""Ways to build the same context, side by side on the same probes: each against the plain one, in paired tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openbook.evaluate.intervals import Interval
from openbook.evaluate.position.curves import share
from openbook.evaluate.position.probe import Row
from openbook.evaluate.scores import BadScores
from openbook.evaluate.significance import holm, paired_randomisation


@dataclass(frozen=True, slots=True)
class Compared:
    """right: the share of one way. difference: to the plain way, None for that way itself.

    p: two-sided, of paired randomisation of whole items, adjusted by Holm for all ways.
    """

    name: str
    right: Interval
    difference: float | None
    p: float | None


def compared(ways: Mapping[str, Sequence[Row]], *, resamples: int = 10_000, seed: int = 0) -> list[Compared]:
    """The first of ``ways`` is the plain one. Raises BadScores unless all answered the same probes in one order."""
    if not ways:
        raise BadScores("there is nothing to compare: pass rows of at least one way")
    (plain, base), *others = ways.items()
    for name, rows in others:
        if [_probe(row) for row in rows] != [_probe(row) for row in base]:
            raise BadScores(f"{name} and {plain} answered other probes: ask both the same ones, in the same order")
    items = [f"{row.kind} {row.item}" for row in base]
    right = np.array([row.right for row in base])
    tests = [
        paired_randomisation(np.array([row.right for row in rows]), right, groups=items, resamples=resamples, seed=seed)
        for _, rows in others
    ]
    adjusted = holm([test.p_value for test in tests])
    return [
        Compared(plain, share(base), None, None),
        *(
            Compared(name, share(rows), test.difference, p)
            for (name, rows), test, p in zip(others, tests, adjusted, strict=True)
        ),
    ]


def _probe(row: Row) -> tuple[str, str, int, float]:
    return row.kind, row.item, row.length, row.depth
