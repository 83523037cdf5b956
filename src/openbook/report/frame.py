"""Title, axes, grid and ticks of a plot, and where a value lies within it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from openbook.report.numerals import tick_text
from openbook.report.palette import GRID, INK, MUTED
from openbook.report.svg import WIDTH, cut, element, label, paint, text_width

MARGIN = 24
"""Pixels between the edge and anything drawn."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from low to high over pixels from start to end; its ticks, and the step between them for their labels."""

    low: float
    high: float
    start: float
    end: float
    ticks: Sequence[float]
    labels: Sequence[str]
    log: bool = False

    def at(self, value: float) -> float:
        """The pixel of a value."""
        low, high, here = (log10(v) if self.log else v for v in (self.low, self.high, value))
        return self.start + (here - low) / (high - low) * (self.end - self.start)


def tick_labels(ticks: Sequence[float], *, log: bool = False) -> list[str]:
    """How the ticks of one axis are written, alike in decimals; those of a log axis each by itself."""
    steps = ticks if log else [ticks[1] - ticks[0]] * len(ticks) if len(ticks) > 1 else [abs(ticks[0]) or 1.0]
    return [tick_text(tick, step) for tick, step in zip(ticks, steps, strict=True)]


def heading(title: str) -> tuple[list[str], float]:
    """The title, and the height it takes with the margin above."""
    if not title:
        return [], MARGIN / 2
    return [label(MARGIN, MARGIN + 12, cut(title, WIDTH - 2 * MARGIN, 16), size=16, bold=True)], MARGIN + 26


def vertical_grid(x: Axis, top: float, bottom: float) -> list[str]:
    """Lines and labels of the x axis. A label that would touch the one before it is left out."""
    drawn: list[str] = []
    free_from = 0.0
    for tick, text in zip(x.ticks, x.labels, strict=True):
        place, half = x.at(tick), text_width(text, 12) / 2
        drawn.append(_line(place, top, place, bottom))
        if place - half >= free_from:
            drawn.append(label(place, bottom + 18, text, anchor="middle", size=12, shade=MUTED))
            free_from = place + half + 8
    return drawn


def horizontal_grid(y: Axis, left: float, right: float) -> list[str]:
    """Lines and labels of the y axis."""
    drawn: list[str] = []
    for tick, text in zip(y.ticks, y.labels, strict=True):
        place = y.at(tick)
        drawn += [
            _line(left, place, right, place),
            label(left - 8, place + 4, text, anchor="end", size=12, shade=MUTED),
        ]
    return drawn


def base_line(x1: float, y1: float, x2: float, y2: float) -> str:
    """The line that values are counted from."""
    return element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, **paint("stroke", INK)})


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, **paint("stroke", GRID)})
