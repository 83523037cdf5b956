"""How figures of an audit stand in a table."""

from collections.abc import Sequence

from openbook.cli.screen import visible
from openbook.evaluate.intervals import Interval
from openbook.report.tables import Column


def columns(names: Sequence[str], words: int = 1) -> tuple[Column, ...]:
    """The first ``words`` columns hold words, the others numbers."""
    return tuple(Column(name, "left" if place < words else "right") for place, name in enumerate(names))


def verdict_columns(*names: str) -> tuple[Column, ...]:
    """The first holds words, and so does a last one for the verdict."""
    return *columns(names), Column("verdict")


def about(judge: str, dimension: str) -> str:
    return f"{visible(judge)}, {visible(dimension)}"


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def with_interval(value: float | None, interval: Interval | None) -> str:
    """``0.444 (0.394–0.493)``, and ``to`` where a bound is negative."""
    if interval is None:
        return number(value)
    between = "–" if interval.low >= 0 else " to "
    return f"{number(value)} ({interval.low:.3f}{between}{interval.high:.3f})"


def signed(interval: Interval | None, digits: int = 2) -> str:
    """``+0.06 (-0.01 to 0.13)``"""
    if interval is None:
        return "–"
    low, high = (f"{bound:.{digits}f}" for bound in (interval.low, interval.high))
    return f"{interval.value:+.{digits}f} ({low} to {high})"


def share(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.value:.1%} ({interval.low:.0%}–{interval.high:.0%})"


def p_value(value: float | None) -> str:
    return "–" if value is None else "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
