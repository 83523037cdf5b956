"""The measures of ``openbook eval ask`` as cells: a share with its interval, seconds, and a table of both."""

from collections.abc import Sequence

from openbook.evaluate.answers import Measure
from openbook.report.tables import Column, Table


def measured(title: str, measures: Sequence[Measure], note: str) -> Table:
    return Table(title, columns(("", "n", "share (95 %)")), tuple(row(one) for one in measures), note)


def row(one: Measure) -> tuple[str, ...]:
    value = f"{one.value:.3f}" if one.name.startswith(("AU", "document: MRR", "passage: MRR")) else ""
    if value and one.interval is not None:
        value += f" ({one.interval.low:.3f}–{one.interval.high:.3f})"
    return one.name, f"{one.n:,}", value or share(one)


def share(one: Measure | None) -> str:
    if one is None:
        return "–"
    if one.interval is None:
        return f"{one.value:.0%}"
    return f"{one.value:.0%} ({one.interval.low:.0%}–{one.interval.high:.0%})".replace("%–", "–")


def columns(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(name, "right" if place else "left") for place, name in enumerate(names))


def time_of(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
