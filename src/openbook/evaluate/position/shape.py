"""The shape of a curve over positions, tested: edges against the middle, each end alone, and a straight trend.

Everything is paired within an item: the same question over the same text, the fact elsewhere. An item's edge is the
mean of its rows there, so that items with more depths do not weigh more.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from openbook.evaluate.intervals import Interval, bootstrap_mean
from openbook.evaluate.position.probe import Row
from openbook.evaluate.significance import holm, paired_randomisation

EDGE = 0.1
"""Depths up to it, and from 1 less it, are the edges."""

MIDDLE = (0.25, 0.75)

LEVEL = 0.05

Verdict: TypeAlias = Literal["U", "beginning", "end", "edges", "inverted U", "rising", "falling", "none shown"]

_SAID: Mapping[Verdict, str] = {
    "U": "lost in the middle: both ends are read better than what lies between",
    "beginning": "the beginning is read better than the middle, the end is not shown to be",
    "end": "the end is read better than the middle, the beginning is not shown to be",
    "edges": "both ends together are read better than the middle, neither alone is shown to be",
    "inverted U": "the middle is read better than both ends",
    "rising": "read better the later it stands",
    "falling": "read better the earlier it stands",
    "none shown": "no dependence on the position is shown",
}


@dataclass(frozen=True, slots=True)
class Contrast:
    """name: what is taken from what. difference: its mean over items, with an interval where there are several.

    p: two-sided, of paired randomisation, adjusted for all contrasts by Holm.
    """

    name: str
    difference: float
    interval: Interval | None
    p: float
    items: int


@dataclass(frozen=True, slots=True)
class Shape:
    """verdict: what the contrasts show at 5 % after Holm."""

    contrasts: tuple[Contrast, ...]
    verdict: Verdict

    @property
    def sentence(self) -> str:
        return _SAID[self.verdict]


def shape(rows: Sequence[Row], *, resamples: int = 10_000, seed: int = 0) -> Shape | None:
    """None where no item has rows at both edges and in the middle. Trend: of right over depth, from 0 to 1.

    Where there is one item alone, its lengths are the items: haystacks of other lengths with the same needle.
    """
    if len({row.item for row in rows}) == 1:
        rows = [Row(row.kind, f"{row.item}, {row.length}", row.length, row.depth, row.right) for row in rows]
    found = [values for own in _by_item(rows).values() if (values := _of_item(own)) is not None]
    if not found:
        return None
    names = ("edges less middle", "beginning less middle", "end less middle", "trend, beginning to end")
    columns = np.array(found).T
    nothing = np.zeros(len(found))
    tests = [paired_randomisation(column, nothing, resamples=resamples, seed=seed) for column in columns]
    adjusted = holm([test.p_value for test in tests])
    contrasts = tuple(
        Contrast(name, test.difference, bootstrap_mean(column, resamples=2_000), p, len(found))
        for name, column, test, p in zip(names, columns, tests, adjusted, strict=True)
    )
    return Shape(contrasts, _verdict(contrasts))


def _by_item(rows: Sequence[Row]) -> dict[str, list[Row]]:
    items: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        items[row.item].append(row)
    return items


def _of_item(rows: Sequence[Row]) -> tuple[float, float, float, float] | None:
    """The four differences of one item."""
    at, right = np.array([row.depth for row in rows]), np.array([row.right for row in rows])
    first, last = right[at <= EDGE], right[at >= 1 - EDGE]
    middle = right[(at >= MIDDLE[0]) & (at <= MIDDLE[1])]
    if not (first.size and last.size and middle.size):
        return None
    begins, ends, inside = float(first.mean()), float(last.mean()), float(middle.mean())
    away = at - at.mean()
    slope = float(away @ right / (away @ away))
    return (begins + ends) / 2 - inside, begins - inside, ends - inside, slope


def _verdict(contrasts: Sequence[Contrast]) -> Verdict:
    edges, begins, ends, trend = (_sign(contrast) for contrast in contrasts)
    found: dict[tuple[int, int], Verdict] = {
        (1, 1): "U", (-1, -1): "inverted U", (-1, 1): "rising", (1, -1): "falling", (1, 0): "beginning", (0, 1): "end"
    }  # fmt: skip
    if (begins, ends) in found:
        return found[begins, ends]
    if edges > 0:
        return "edges"
    return "rising" if trend > 0 else "falling" if trend < 0 else "none shown"


def _sign(contrast: Contrast) -> int:
    """1, 0 or -1: what is shown at the level."""
    return 0 if contrast.p > LEVEL else int(np.sign(contrast.difference))
