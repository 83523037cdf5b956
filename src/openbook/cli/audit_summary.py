"""The main findings of an audit on one screen: of each figure the least and the most, and how often it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from openbook.cli.audit_cells import about, named, share, signed
from openbook.cli.screen import plural
from openbook.evaluate.audit.whole import Audit
from openbook.evaluate.intervals import Interval
from openbook.report.tables import Column, Table

_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class _Found:
    """One figure of one judge and dimension. side: 1 where it is shown to lie above what is fair, -1 below, else 0."""

    judge: str
    dimension: str
    interval: Interval
    side: int


@dataclass(frozen=True, slots=True)
class _Finding:
    """sided: whether there is a fair value to lie above or below. shares: shown as percents. tested: by a p value."""

    name: str
    found: Sequence[_Found]
    sided: bool = True
    shares: bool = False
    tested: bool = False


def summary(found: Audit) -> Table | None:
    """None where nothing has an interval."""
    findings = [finding for finding in (*_of_scores(found), *_of_verdicts(found)) if finding.found]
    if not findings:
        return None
    every = [one for finding in findings for one in finding.found]
    judges = list(dict.fromkeys(one.judge for one in every))
    dimensions = list(dict.fromkeys(one.dimension for one in every))
    several = len(judges) > 1, len(dimensions) > 1
    rows = tuple((f.name, *_ends(f, several), _sides(f)) for f in findings)
    heads = "least", "most"
    if not any(several):
        rows, heads = tuple((row[0], row[1], row[3]) for row in rows), ("found",)
    of = [plural(len(judges), "judge") if several[0] else named(judges[0])]
    of.append(plural(len(dimensions), "dimension") if several[1] else named(dimensions[0]))
    columns = tuple(map(Column, ("finding", *heads, "shown")))
    return Table(f"Main findings: {', '.join(of)}", columns, rows, _note(findings))


def _note(findings: Sequence[_Finding]) -> str:
    halves = any(finding.sided and finding.shares for finding in findings)
    tested = any(finding.tested for finding in findings)
    fair = "0, and of verdicts and wins half" if halves else "0"
    corrected = ", of one person and of the longer text by Holm's p" * tested
    return f"Shown: how many lie above and below what is fair, {fair}; by each 95 % interval for itself{corrected}."


def _of_scores(found: Audit) -> list[_Finding]:
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


def _of_verdicts(found: Audit) -> list[_Finding]:
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
) -> _Finding:
    """Shown where the interval leaves out ``fair``; None for no such value."""
    kept = [
        _Found(judge, dimension, interval, 0 if fair is None else (interval.low > fair) - (interval.high < fair))
        for judge, dimension, interval in rows
        if interval
    ]
    return _Finding(name, kept, fair is not None, shares)


def _tested(name: str, rows: Sequence[tuple[str, str, Interval | None, float | None]]) -> _Finding:
    """Shown where the p value, adjusted for all rows, says so."""
    kept = [
        _Found(judge, dimension, i, (i.value > 0) - (i.value < 0) if p is not None and p <= _LEVEL else 0)
        for judge, dimension, i, p in rows
        if i
    ]
    return _Finding(name, kept, tested=True)


def _ends(finding: _Finding, several: tuple[bool, bool]) -> tuple[str, str]:
    """Least and most, with whose they are where there are several."""
    ordered = sorted(finding.found, key=lambda one: one.interval.value)

    def said(one: _Found) -> str:
        value = share(one.interval) if finding.shares else signed(one.interval)
        whose = {
            (True, True): about(one.judge, one.dimension),
            (True, False): named(one.judge),
            (False, True): named(one.dimension, 32),
        }.get(several, "")
        return f"{value}: {whose}" if whose else value

    return said(ordered[0]), said(ordered[-1]) if len(ordered) > 1 else ""


def _sides(finding: _Finding) -> str:
    if not finding.sided:
        return "–"
    above, below = (sum(one.side == side for one in finding.found) for side in (1, -1))
    return f"{above} above, {below} below, of {len(finding.found)}"
