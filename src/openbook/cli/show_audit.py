"""What ``openbook eval judge-audit`` shows: agreement with people, and verdicts asked twice."""

from collections.abc import Sequence

from openbook.cli.audit_input import Audited
from openbook.cli.screen import console, visible
from openbook.evaluate.intervals import Interval
from openbook.report import terminal
from openbook.report.tables import Column, Table


def show_audited(found: Audited) -> None:
    screen = console()
    for table in audit_tables(found):
        screen.print(terminal.text(table, screen.width), markup=False, highlight=False)
        screen.print()
    if found.unread:
        screen.print(f"{found.unread:,} of {found.rows:,} rows hold no score or verdict and are left out", style="dim")


def audit_tables(found: Audited) -> list[Table]:
    """A table for each judge's scores, and one for verdicts on pairs."""
    tables: list[Table] = []
    for judge in dict.fromkeys(one.judge for one in found.agreements):
        rows = tuple(
            (
                one.dimension,
                one.level,
                f"{one.n:,}",
                _with(one.spearman, one.interval),
                *map(_two, (one.kendall, one.pearson)),
            )
            for one in found.agreements
            if one.judge == judge
        )
        names = ("of", "level", "n", "Spearman", "Kendall", "Pearson")
        note = "All: texts together. In a document: the mean of correlations within each. Of systems: of their means."
        tables.append(Table(f"Agreement of {visible(judge)} with people", _columns(names, 2), rows, note))
    if found.swaps:
        rows = tuple(
            (
                f"{visible(one.judge)}, {visible(one.dimension)}",
                *map(_share, (one.survived, one.first, one.right, one.right_kept)),
            )
            for one in found.swaps
        )
        note = (
            "Survives: the same verdict when the two texts change places. First: verdicts for the text shown first; "
            "half is fair. Right: as people say; of those that survive, in the last column."
        )
        names = ("judge, of", "survives", "first", "right", "right, surviving")
        tables.append(Table("Verdicts on pairs", _columns(names, 1), rows, note))
    return tables


def _columns(names: Sequence[str], words: int) -> tuple[Column, ...]:
    return tuple(Column(name, "left" if place < words else "right") for place, name in enumerate(names))


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _with(value: float | None, interval: Interval | None) -> str:
    return _two(value) if interval is None else f"{_two(value)} ({interval.low:.3f}–{interval.high:.3f})"


def _share(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.value:.1%} ({interval.low:.0%}–{interval.high:.0%})"
