"""Bar plots: bars to the right of their labels, so that long names stay readable, with values and error bars."""

from collections.abc import Sequence

from openbook.report.frame import MARGIN, Axis, base_line, heading, tick_labels, vertical_grid
from openbook.report.legend import legend
from openbook.report.numerals import figure_text
from openbook.report.palette import INK, MUTED, SERIES, SURFACE
from openbook.report.problems import ReportProblem
from openbook.report.series import Bars, check_count
from openbook.report.strokes import fill
from openbook.report.svg import WIDTH, Svg, cut, document, element, label, lines_of, paint, text_width
from openbook.report.ticks import span_of, ticks_around

_BAR, _BETWEEN_BARS, _BETWEEN_GROUPS = 20, 3, 14
_LABEL = 0.36 * WIDTH
_MOST_BARS = 120


def bar_plot(title: str, bars: Sequence[Bars], *, x_label: str = "") -> Svg:
    """The plot, 720 pixels wide, as high as it takes; bars of one label stand together. The axis always holds 0.

    Raises ReportProblem for sets with different labels, values that are not finite, over 6 sets or 120 bars.
    """
    check_count(bars, title, len(SERIES))
    labels = list(bars[0].labels)
    if any(list(each.labels) != labels for each in bars):
        raise ReportProblem(f"the bars of plot {title!r} have different labels: give each set the same, in one order")
    if len(labels) * len(bars) > _MOST_BARS:
        raise ReportProblem(f"plot {title!r} has {len(labels) * len(bars)} bars: draw {_MOST_BARS} at most, or a table")
    parts, top = heading(title)
    swatches, legend_height = legend([each.name for each in bars], top, _swatch)
    top += legend_height + 10
    pitch = _BAR + _BETWEEN_BARS
    group = len(bars) * pitch - _BETWEEN_BARS + _BETWEEN_GROUPS
    bottom = top + len(labels) * group + _BETWEEN_GROUPS / 2
    names = [lines_of(text, _LABEL, 2) for text in labels]
    left = MARGIN + max(text_width(line) for lines in names for line in lines) + 12
    x = _x_axis(bars, left)
    parts += [*swatches, *vertical_grid(x, top, bottom)]
    for row, lines in enumerate(names):
        start = top + _BETWEEN_GROUPS / 2 + row * group + _BETWEEN_GROUPS / 2
        middle = start + (group - _BETWEEN_GROUPS) / 2
        for line, shift in zip(lines, (4.5,) if len(lines) == 1 else (-3, 12), strict=True):
            parts.append(label(left - 12, middle + shift, line, anchor="end"))
        for index, each in enumerate(bars):
            parts += _bar(index, each, row, x, start + index * pitch)
    parts.append(base_line(x.at(0), top, x.at(0), bottom))
    if x_label:
        kept = cut(x_label, WIDTH - MARGIN - left)
        parts.append(label((left + WIDTH - MARGIN) / 2, bottom + 40, kept, anchor="middle", shade=MUTED))
    described = "; ".join(f"{labels[i]} {each.name} {_shown(each, i)}" for i in range(len(labels)) for each in bars)
    return document(bottom + (54 if x_label else 34), title, f"{x_label}. {described}", *parts)


def _x_axis(bars: Sequence[Bars], left: float) -> Axis:
    """From 0 or below to 0 or above, with room for the values written beyond the bars' ends."""
    values = [value for each in bars for some in (each.values, each.low, each.high) for value in some]
    low, high = span_of([0.0, *values], "a bar plot")
    # Without a negative value the axis begins at 0; with negative ones alone it ends there.
    marks = ticks_around(low if min(values) < 0 else 0.0, high if max(values) > 0 or min(values) == 0 else 0.0)
    low, high = marks[0], marks[-1]
    room = max(text_width(_shown(each, i)) for each in bars for i in range(len(each.values))) + 10
    before = room if any(value < 0 for each in bars for value in each.values) else 0
    after = room if any(value >= 0 for each in bars for value in each.values) else 0
    return Axis(low, high, left + before, WIDTH - MARGIN - after, marks, tick_labels(marks))


def _bar(index: int, each: Bars, row: int, x: Axis, top: float) -> list[str]:
    """The bar from 0 to its value, its error bar, and its value beyond both."""
    value = each.values[row]
    ends = sorted((x.at(0), x.at(value)))
    shape: dict[str, str | float] = {"x": ends[0], "y": top, "width": ends[1] - ends[0], "height": _BAR, **fill(index)}
    drawn = [element("rect", shape)]
    outer = value
    if each.low:
        low, high = each.low[row], each.high[row]
        outer = min(value, low) if value < 0 else max(value, high)
        a, b, y = x.at(low), x.at(high), top + _BAR / 2
        whisker = f"M{a:.1f} {y - 4:.1f}v8M{a:.1f} {y:.1f}H{b:.1f}M{b:.1f} {y - 4:.1f}v8"
        # A ground-coloured rim keeps it visible on a bar of any colour.
        for breadth, shade in (("4", SURFACE), ("1.5", INK)):
            drawn.append(
                element("path", {"d": whisker, "fill": "none", "stroke-width": breadth, **paint("stroke", shade)})
            )
    place = x.at(outer) + (-6 if value < 0 else 6)
    drawn.append(label(place, top + _BAR / 2 + 4.5, _shown(each, row), anchor="end" if value < 0 else "start"))
    return drawn


def _shown(each: Bars, row: int) -> str:
    return each.shown[row] if each.shown else figure_text(each.values[row]).replace("-", "−")


def _swatch(index: int, x: float, y: float) -> str:
    return element("rect", {"x": x + 4, "y": y - 7, "width": 22, "height": 14, **fill(index)})
