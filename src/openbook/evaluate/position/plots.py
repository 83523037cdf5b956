"""Curves as lines over depth or length, and the grid of both as a heat map."""

from collections.abc import Mapping, Sequence

from openbook.evaluate.position.curves import Grid, Point
from openbook.report.heatmap import heatmap
from openbook.report.lines import line_plot
from openbook.report.series import Series
from openbook.report.svg import Svg

SHARE = "share right"


def depth_plot(title: str, curves: Mapping[str, Sequence[Point]]) -> Svg:
    """A line for each named curve, by depth in percent."""
    label = "where the fact stands, % of the context"
    return line_plot(title, _series(curves, 100.0), x_label=label, y_label=SHARE, y_range=(0.0, 1.0))


def length_plot(title: str, curves: Mapping[str, Sequence[Point]], unit: str) -> Svg:
    """A line for each named curve, by length; logarithmic where it spans more than a factor of eight."""
    at = [point.at for points in curves.values() for point in points]
    label = f"length of the context, {unit}"
    wide = max(at) > 8 * min(at)
    return line_plot(title, _series(curves), x_label=label, y_label=SHARE, log_x=wide, y_range=(0.0, 1.0))


def grid_plot(title: str, found: Grid, unit: str) -> Svg:
    """Depths down, lengths across. A cell that nobody asked is left as light as one that nothing was right in."""
    rows = [f"{depth:.0%}" for depth in found.depths]
    columns = [f"{length:,} {unit}" for length in found.lengths]
    return heatmap(title, rows, columns, [[share or 0.0 for share in line] for line in found.shares], SHARE)


def _series(curves: Mapping[str, Sequence[Point]], scale: float = 1.0) -> list[Series]:
    return [
        Series(
            name,
            [point.at * scale for point in points],
            [point.right.value for point in points],
            [point.right.low for point in points],
            [point.right.high for point in points],
        )
        for name, points in curves.items()
    ]
