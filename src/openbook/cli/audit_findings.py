"""What an audit found, figure by figure: its value for every judge and dimension, and on which side of fair it lies."""

from collections.abc import Sequence
from dataclasses import dataclass

from openbook.evaluate.audit.whole import Audit
from openbook.evaluate.intervals import Interval

_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """One figure of one judge and dimension. side: 1 where it is shown to lie above what is fair, -1 below, else 0."""

    judge: str
    dimension: str
    interval: Interval
    side: int


@dataclass(frozen=True, slots=True)
class Finding:
    """found: least first. sided: whether there is a fair value to lie above or below. shares: shown as percents.
    tested: by a p value.
    """

    name: str
    found: Sequence[Found]
    sided: bool = True
    shares: bool = False
    tested: bool = False


def findings(found: Audit) -> list[Finding]:
    """Those that have an interval."""
    return [finding for finding in (*_of_scores(found), *_of_verdicts(found)) if finding.found]


def _of_scores(found: Audit) -> list[Finding]:
    nulls = [(one.judge, one.dimension, one.interval) for one in found.nulls]
    return [
        _finding(
            "agreement with people, all texts: Spearman's",
            [(one.judge, one.dimension, one.interval) for one in found.agreements if one.level == "all"],
        ),
        _tested(
            "ceiling: the judge's agreement minus one person's",
            [(one.judge, one.dimension, one.change.difference, one.change.p_value) for one in found.ceilings],
        ),
        _finding(
            "level: the judge's score minus people's",
            [(one.judge, one.dimension, one.bias_interval) for one in found.calibrations],
        ),
        _finding(
            "length: Spearman's with the score, people's held",
            [(one.judge, one.dimension, one.interval) for one in found.length_biases],
        ),
        _finding("constant answers: wins against real texts", nulls, fair=0.5, shares=True),
    ]


def _of_verdicts(found: Audit) -> list[Finding]:
    each = [one for one in found.swaps if one.dimension != "all" or len(found.swaps) == 1]
    survived = [(one.judge, one.dimension, one.survived) for one in each]
    first = [(one.judge, one.dimension, one.first) for one in each]
    right = [(one.judge, one.dimension, one.right) for one in each]
    longer = [(one.judge, one.dimension, one.difference, one.p_value) for one in found.longer]
    return [
        _finding("verdicts that survive a swap", survived, None, shares=True),
        _finding("position: verdicts for the text shown first", first, 0.5, shares=True),
        _finding("verdicts that are people's", right, None, shares=True),
        _tested("length: the longer wins, judge minus people", longer),
    ]


def _finding(
    name: str,
    rows: Sequence[tuple[str, str, Interval | None]],
    fair: float | None = 0.0,
    *,
    shares: bool = False,
) -> Finding:
    """Shown where the interval leaves out ``fair``; None for no such value."""
    kept = [
        Found(judge, dimension, interval, 0 if fair is None else (interval.low > fair) - (interval.high < fair))
        for judge, dimension, interval in rows
        if interval
    ]
    return Finding(name, _least_first(kept), fair is not None, shares)


def _tested(name: str, rows: Sequence[tuple[str, str, Interval | None, float | None]]) -> Finding:
    """Shown where the p value, adjusted for all rows, says so."""
    kept = [
        Found(judge, dimension, i, (i.value > 0) - (i.value < 0) if p is not None and p <= _LEVEL else 0)
        for judge, dimension, i, p in rows
        if i
    ]
    return Finding(name, _least_first(kept), tested=True)


def _least_first(found: Sequence[Found]) -> list[Found]:
    return sorted(found, key=lambda one: one.interval.value)
