"""Heatmaps of shares: a square for each value in 0 to 1, darker for more, with what stands beside rows and columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

from openbook.report.characters import shown
from openbook.report.frame import MARGIN, heading
from openbook.report.markup import escaped_html
from openbook.report.palette import GRID, INK, MUTED, SERIES, SURFACE, Shade
from openbook.report.problems import ReportProblem
from openbook.report.svg import WIDTH, Svg, cut, document, element, label, number, paint, text_width

Shares = Sequence[Sequence[float]]
"""Rows of values in 0 to 1, all rows of one length."""

LEVELS = 16
MOST_CELLS = 1_500_000
"""Of all heatmaps in one picture: what a browser still scrolls smoothly."""

_LARGEST_CELL, _WRITTEN = 54, 27  # pixels of a cell at most; from how many on its value is written into it
_MOST_TIPS = 25_000
_DARK = 12  # from this level on, text in the colour of the ground has more contrast than ink


def heatmap(title: str, rows: Sequence[str], columns: Sequence[str], values: Shares, what: str = "weight") -> Svg:
    """The plot, 720 pixels wide. what: the meaning of the shades, in a word or two.

    Raises ReportProblem for values outside 0 to 1, and for names that do not fit them.
    """
    check(title, rows, columns, values)
    parts, top = heading(title)
    room = Room.of(rows, columns, top)
    named = [*axes(rows, columns, room), *cells(rows, columns, values, room), scale(room.bottom + 14, what)]
    return document(room.bottom + 44, title, describe(rows, columns, values), *parts, *named)


@dataclass(frozen=True, slots=True)
class Room:
    """Where a large heatmap lies: its left upper corner, the side of a cell, and where the last row ends."""

    left: float
    top: float
    side: float
    bottom: float

    @staticmethod
    def of(rows: Sequence[str], columns: Sequence[str], top: float) -> "Room":
        """As large as the width allows, below the names of the columns, which are written upwards."""
        left = MARGIN + min(120.0, max(text_width(shown(name), 12) for name in rows)) + 8
        side = min(_LARGEST_CELL, (WIDTH - MARGIN - left) / len(columns))
        above = min(120.0, max(text_width(shown(name), 12) for name in columns)) + 8
        return Room(left, top + above, side, top + above + side * len(rows))


def axes(rows: Sequence[str], columns: Sequence[str], room: Room) -> list[str]:
    """The names of rows, on the left, and of columns, above."""
    size = min(12.0, max(6.0, room.side * 0.95))
    drawn: list[str] = []
    for index, name in enumerate(rows):
        y = room.top + (index + 0.5) * room.side + size * 0.35
        drawn.append(label(room.left - 8, y, cut(shown(name), 120, size), anchor="end", size=size))
    for index, name in enumerate(columns):
        x = room.left + (index + 0.5) * room.side + size * 0.35
        drawn.append(label(x, room.top - 8, cut(shown(name), 120, size), size=size, turned=True))
    return drawn


def cells(rows: Sequence[str], columns: Sequence[str], values: Shares, room: Room, *, tips: bool = True) -> list[str]:
    """The cells: with the value written in where there is room, and as a tooltip; without tips one for each row."""
    side, wide = room.side, room.side * len(columns)
    edge = {"x": room.left, "y": room.top, "width": wide, "height": side * len(rows)}
    drawn = [
        element("rect", {**edge, "fill": "none", **paint("stroke", GRID)}),
        tiles(values, room.left, room.top, side),
    ]
    written: dict[Shade, list[str]] = {SURFACE: [], INK: []}
    pointed: list[str] = []
    for row, line in enumerate(values):
        y = room.top + row * side
        if not tips:
            pointed.append(_tip(room.left, y, wide, side, f"{rows[row]}: {_most(columns, line)}"))
            continue
        for column, value in enumerate(line):
            x = room.left + column * side
            if side >= _WRITTEN and value >= 0.005:
                shade = SURFACE if _level(value) >= _DARK else INK
                place = {"x": x + side / 2, "y": y + side / 2 + 4}
                written[shade].append(element("text", place, short(value)))
            pointed.append(_tip(x, y, side, side, f"{rows[row]} → {columns[column]}: {value:.3f}"))
    for shade, texts in written.items():
        drawn.append(element("g", {"font-size": 11, "text-anchor": "middle", **paint("fill", shade)}, *texts))
    return [*drawn, element("g", {"fill-opacity": 0}, *pointed)]


def tiles(values: Shares, x: float, y: float, side: float) -> str:
    """The shades alone, in one path for each of 15 levels and none for what rounds to 0: small, however many cells.

    Shade grows with the square root: 0.05 can still be told from 0, as shares of many are.
    """
    runs: dict[int, list[str]] = {}
    for row, line in enumerate(values):
        start, before = 0, 0
        for column, value in enumerate([*line, 0.0]):
            level = _level(value) if column < len(line) else 0
            if level != before:
                if before:
                    runs.setdefault(before, []).append(f"M{start} {row}h{column - start}")
                start, before = column, level
    paths = [
        element("path", {"d": "".join(run), "stroke-opacity": f"{level / (LEVELS - 1):.2f}"})
        for level, run in sorted(runs.items())
    ]
    placed = f"translate({x:.2f} {y + side / 2:.2f}) scale({side:.4f})"
    return element("g", {"transform": placed, "shape-rendering": "crispEdges", **paint("stroke", SERIES[0])}, *paths)


def scale(y: float, what: str = "weight") -> str:
    """What the shades mean."""
    drawn = [label(MARGIN, y + 15, what, size=12, shade=MUTED)]
    x = MARGIN + 12.0 + text_width(what, 12)
    for value in (0.01, 0.05, 0.1, 0.25, 0.5, 1.0):
        drawn.append(tiles([[value]], x, y + 2, 18))
        drawn.append(label(x + 24, y + 15, f"{value:g}".removeprefix("0"), size=12, shade=MUTED))
        x += 62
    return "".join(drawn)


def describe(rows: Sequence[str], columns: Sequence[str], values: Shares) -> str:
    """The largest value of each row, in words: what one who cannot see the picture is told."""
    each = (f"{shown(name)}: {_most(columns, line, 1)}" for name, line in zip(rows, values, strict=True))
    return "Largest of each row. " + "; ".join(each)


def check(title: str, rows: Sequence[str], columns: Sequence[str], values: Shares) -> None:
    """Raise ReportProblem unless there is a value in 0 to 1 for every row and column, and one at least."""
    if not rows or not columns or len(values) != len(rows) or any(len(line) != len(columns) for line in values):
        raise ReportProblem(f"heatmap {title!r} needs one value for each of its rows and columns, and one at least")
    if not all(isfinite(value) and -1e-6 <= value <= 1 + 1e-6 for line in values for value in line):
        raise ReportProblem(f"heatmap {title!r} has a value outside 0 to 1: draw shares")


def few_enough_for_tips(count: int) -> bool:
    """Whether so many cells may have a tooltip each."""
    return count <= _MOST_TIPS


def short(value: float) -> str:
    """Two decimals without a leading zero: .43, 1."""
    return f"{value:.2f}".removeprefix("0") if value < 0.995 else "1"


def _level(value: float) -> int:
    return round((LEVELS - 1) * sqrt(min(max(value, 0.0), 1.0)))


def _most(columns: Sequence[str], line: Sequence[float], count: int = 5) -> str:
    largest = sorted(range(len(line)), key=lambda column: -line[column])[:count]
    return ", ".join(f"{shown(columns[column])} {line[column]:.2f}" for column in largest)


def _tip(x: float, y: float, wide: float, high: float, tip: str) -> str:
    """Nothing to be seen, but something to be pointed at."""
    path = f"M{number(x)} {number(y)}h{number(wide)}v{number(high)}h{number(-wide)}z"
    return element("path", {"d": path}, f"<title>{escaped_html(tip)}</title>")
