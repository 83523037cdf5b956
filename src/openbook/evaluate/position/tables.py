"""Curves, shape and comparisons as tables."""

from collections.abc import Sequence

from openbook.evaluate.intervals import Interval
from openbook.evaluate.position.compare import Compared
from openbook.evaluate.position.curves import Point
from openbook.evaluate.position.shape import Shape
from openbook.report.tables import Column, Table

NOTE = "95% intervals over items: Wilson's, worth as many outcomes as items leave independent."


def curve_table(title: str, what: str, points: Sequence[Point], note: str = NOTE) -> Table:
    """what: ``depth``, written in percent, or a length in its unit."""
    rows = tuple((_place(what, point), within(point.right), f"{point.right.n:,}") for point in points)
    return Table(title, (Column(what, "right"), Column("right", "right"), Column("n", "right")), rows, note)


def shape_table(title: str, found: Shape) -> Table:
    """The contrasts, and in the note what they show."""
    rows = tuple((one.name, signed(one.difference, one.interval), p_value(one.p)) for one in found.contrasts)
    items = found.contrasts[0].items
    note = (
        f"Paired within {items:,} item{'' if items == 1 else 's'}; p by randomisation, Holm over the four. Edges: the "
        f"outer tenths; middle: the inner half. {found.sentence[0].upper()}{found.sentence[1:]}."
    )
    return Table(title, (Column("contrast"), Column("difference", "right"), Column("p", "right")), rows, note)


def compared_table(title: str, found: Sequence[Compared], note: str = "") -> Table:
    """The plain way first, each other with its difference to it."""
    rows = tuple(
        (
            one.name,
            within(one.right),
            "" if one.difference is None else f"{one.difference:+.3f}",
            "" if one.p is None else p_value(one.p),
        )
        for one in found
    )
    names = (Column("context"), Column("right", "right"), Column("difference", "right"), Column("p", "right"))
    said = f"Against {found[0].name}: paired randomisation of items, Holm over all ways."
    return Table(title, names, rows, f"{said} {note}".strip())


def _place(what: str, point: Point) -> str:
    if what == "depth":
        return f"{point.at:.0%}"
    return f"{point.at:,.0f}" if point.at == point.to else f"{point.at:,.0f} to {point.to:,.0f}"


def within(found: Interval) -> str:
    """0.87 (.81–.92)."""
    low, high = (f"{bound:.2f}".removeprefix("0") for bound in (found.low, found.high))
    return f"{found.value:.2f} ({low}–{high})"


def signed(value: float, interval: Interval | None) -> str:
    """+0.120 (+0.050 to +0.190)."""
    return f"{value:+.3f}" if interval is None else f"{value:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"


def p_value(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
