"""Line plots: y over x, each linear or logarithmic, with interval bands."""

from collections.abc import Sequence

from openbook.report.frame import MARGIN, Axis, base_line, heading, horizontal_grid, tick_labels, vertical_grid
from openbook.report.legend import legend
from openbook.report.numerals import figure_text
from openbook.report.palette import MUTED
from openbook.report.problems import ReportProblem
from openbook.report.series import Series, check_count
from openbook.report.strokes import fill, mark, solid, stroke, swatch
from openbook.report.svg import WIDTH, Svg, cut, document, element, label, number, text_width
from openbook.report.ticks import log_ticks, span_of, ticks, ticks_around

_MOST_LINES = 12
_HEIGHT = 300  # of the plotted area
_MARKED = 40  # series of more points than this are drawn without marks


def line_plot(
    title: str,
    series: Sequence[Series],
    *,
    x_label: str = "",
    y_label: str = "",
    log_x: bool = False,
    log_y: bool = False,
    y_range: tuple[float, float] | None = None,
) -> Svg:
    """The plot, 720 pixels wide. y_range: what the y axis shows at least; without it, what is drawn.

    Raises ReportProblem for values that are not finite, at or below 0 on a logarithmic axis, and more than 12 series.
    """
    check_count(series, title, _MOST_LINES)
    x_low, x_high = span_of([value for line in series for value in line.x], "the x axis")
    shown = [value for line in series for values in (line.y, line.low, line.high) for value in values]
    y_low, y_high = span_of([*shown, *(y_range or ())], "the y axis")
    for name, log, least in (("x", log_x, min(value for line in series for value in line.x)), ("y", log_y, min(shown))):
        if log and least <= 0:
            raise ReportProblem(f"plot {title!r} has a logarithmic {name} axis and a {name} of 0 or less: leave it out")
    y_ticks = log_ticks(y_low, y_high) if log_y else ticks_around(y_low, y_high)
    parts, top = heading(title)
    swatches, legend_height = legend([line.name for line in series], top, swatch)
    top += legend_height + 14
    bottom = top + _HEIGHT
    y_labels = tick_labels(y_ticks, log=log_y)
    left = MARGIN + max(text_width(text, 12) for text in y_labels) + 8 + (22 if y_label else 0)
    ends = (y_low, y_high) if log_y else (y_ticks[0], y_ticks[-1])
    y = Axis(*ends, bottom, top, y_ticks, y_labels, log_y)
    x = _x_axis(left, log_x, (x_low, x_high))
    parts += [*swatches, *vertical_grid(x, top, bottom), *horizontal_grid(y, left, x.end)]
    parts.append(base_line(left, bottom, x.end, bottom))
    if x_label:
        middle = (left + x.end) / 2
        parts.append(label(middle, bottom + 40, cut(x_label, x.end - left), anchor="middle", shade=MUTED))
    if y_label:
        kept = cut(y_label, _HEIGHT)
        parts.append(label(MARGIN + 6, (top + bottom) / 2, kept, anchor="middle", shade=MUTED, turned=True))
    parts += [_band(index, line, x, y) for index, line in enumerate(series) if line.low]
    for index, line in enumerate(series):
        parts += _line(index, line, x, y)
    described = "; ".join(f"{line.name}: {len(line.x)} points, last {figure_text(line.y[-1])}" for line in series)
    return document(bottom + (54 if x_label else 34), title, f"{y_label} over {x_label}. {described}", *parts)


def _x_axis(left: float, log_x: bool, span: tuple[float, float]) -> Axis:
    low, high = span
    x_ticks = log_ticks(low, high) if log_x else ticks(low, high, 7)
    return Axis(low, high, left + 6, WIDTH - MARGIN, x_ticks, tick_labels(x_ticks, log=log_x), log_x)


def _line(index: int, line: Series, x: Axis, y: Axis) -> list[str]:
    """The line, and a mark with its values as a tooltip at each point where they are few."""
    points = _thinned([(x.at(a), y.at(b)) for a, b in zip(line.x, line.y, strict=True)])
    path = "M" + "L".join(f"{number(a)} {number(b)}" for a, b in points)
    drawn = [element("path", {"d": path, "fill": "none", "stroke-linejoin": "round", **stroke(index)})]
    if len(line.x) > _MARKED:
        return drawn
    for a, b in zip(line.x, line.y, strict=True):
        tip = f"{line.name}: {figure_text(b)} at {figure_text(a)}".removeprefix(": ")
        drawn.append(mark(index, x.at(a), y.at(b), tip))
    return drawn


def _band(index: int, line: Series, x: Axis, y: Axis) -> str:
    """The interval as a light area; as an upright line where there is one point alone."""
    upper = [(x.at(a), y.at(b)) for a, b in zip(line.x, line.high, strict=True)]
    lower = [(x.at(a), y.at(b)) for a, b in zip(line.x, line.low, strict=True)]
    if len(upper) == 1:
        ends: dict[str, str | float] = {"x1": upper[0][0], "y1": upper[0][1], "x2": lower[0][0], "y2": lower[0][1]}
        return element("line", {**ends, **solid(index)})
    outline = [*_thinned(upper), *reversed(_thinned(lower))]
    path = "M" + "L".join(f"{number(a)} {number(b)}" for a, b in outline) + "Z"
    return element("path", {"d": path, "fill-opacity": "0.16", **fill(index)})


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of the points within one pixel across, the first, the lowest, the highest and the last: the same drawing."""
    kept: list[tuple[float, float]] = []
    column: list[tuple[float, float]] = []
    for point in [*points, (float("inf"), 0.0)]:
        if column and int(min(point[0], 1e9)) != int(column[0][0]):
            ends = {0, len(column) - 1}
            extremes = {f(range(len(column)), key=lambda i: column[i][1]) for f in (min, max)}
            kept += [column[i] for i in sorted(ends | extremes)]
            column = []
        column.append(point)
    return kept
