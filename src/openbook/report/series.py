"""What is plotted: lines through points, and bars with names, each with an interval if there is one."""

from collections.abc import Sequence
from dataclasses import dataclass

from openbook.report.problems import ReportProblem


@dataclass(frozen=True, slots=True)
class Series:
    """A named line: y over x, x not decreasing; low and high, if given, bound each y."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()

    def __post_init__(self) -> None:
        _check_lengths(self.name, len(self.x), self.y, self.low, self.high)
        if any(later < earlier for earlier, later in zip(self.x, self.x[1:], strict=False)):
            raise ReportProblem(f"the x of {self.name!r} go back and forth: sort its points by x")


@dataclass(frozen=True, slots=True)
class Bars:
    """A named set of bars, one a label; low and high, if given, bound each value; shown: how each value is written."""

    name: str
    labels: Sequence[str]
    values: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    shown: Sequence[str] = ()

    def __post_init__(self) -> None:
        _check_lengths(self.name, len(self.labels), self.values, self.low, self.high)
        if len(self.shown) not in (0, len(self.labels)):
            raise ReportProblem(f"{self.name!r} shows {len(self.shown)} values for {len(self.labels)} bars: one each")


def check_count(drawn: Sequence[Series] | Sequence[Bars], title: str, most: int) -> None:
    """Raise ReportProblem unless there is something to draw, and few enough to tell apart."""
    if not 1 <= len(drawn) <= most:
        raise ReportProblem(f"plot {title!r} has {len(drawn)} series: draw 1 to {most}, else split it")


def _check_lengths(name: str, n: int, values: Sequence[float], low: Sequence[float], high: Sequence[float]) -> None:
    if not n or len(values) != n:
        raise ReportProblem(f"{name!r} has {len(values)} values at {n} places: pass one each, and at least one")
    if (len(low), len(high)) not in ((0, 0), (n, n)):
        raise ReportProblem(f"{name!r} has {len(low)} low and {len(high)} high bounds for {n} values: pass all or none")
    if any(bottom > top for bottom, top in zip(low, high, strict=True)):
        raise ReportProblem(f"{name!r} has a lower bound above its upper bound: exchange them")
