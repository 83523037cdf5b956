"""What ``openbook eval reasoning`` shows: strategies with intervals and tokens, and every pair of them tested."""

from dataclasses import asdict
from typing import Any

from openbook.cli.measuring_reasoning import Found
from openbook.cli.screen import console, one_line, plural
from openbook.evaluate.reasoning import Measured
from openbook.report import terminal
from openbook.report.lines import line_plot
from openbook.report.page import Content, Section
from openbook.report.series import Series
from openbook.report.tables import Column, Table

_LEVEL = 0.05


def tables(found: Found) -> list[Table]:
    return [_strategies(found), *([_pairs(found)] if found.differences else [])]


def show_reasoning(found: Found) -> None:
    screen = console()
    for table in tables(found):
        screen.print(terminal.text(table, screen.width))
        screen.print()


def sections(found: Found) -> list[Section]:
    """For a page: the tables, and accuracy against tokens where the engine counts them."""
    contents: list[Content] = [*tables(found)]
    counted = [(tokens, one) for one in found.measured if (tokens := _tokens(one)) is not None]
    if counted and all(tokens > 0 for tokens, _ in counted):
        lines = [
            Series(one.strategy, [tokens], [one.right.value], [one.right.low], [one.right.high])
            for tokens, one in counted
        ]
        label = "tokens read and written for a question"
        contents.append(line_plot("", lines, x_label=label, y_label="share right", log_x=True, y_range=(0.0, 1.0)))
    return [Section("", contents)]


def as_data(found: Found) -> dict[str, Any]:
    return asdict(found)


def _strategies(found: Found) -> Table:
    rows = tuple(
        (
            one.strategy,
            f"{one.right.value:.3f}",
            f"{one.right.low:.3f}–{one.right.high:.3f}",
            f"{one.unread}",
            f"{one.tied}",
            _count(one.prompt),
            _count(one.written),
            f"{one.calls:.1f}",
        )
        for one in found.measured
    )
    failed = ", ".join(f"{name} {plural(n, 'question')}" for name, n in found.failed.items() if n)
    note = (
        f"{plural(found.questions, 'question')}, {one_line(found.model)}. 95% intervals: Wilson's. Unread: questions "
        "without an answer that could be read, which count as wrong; tied: votes that two answers share. Tokens read, "
        "written, and calls: a question."
    )
    refused = f" The model refused, counted as wrong: {failed}." if failed else ""
    names = ("strategy", "right", "95%", "unread", "tied", "read", "written", "calls")
    columns = tuple(Column(name, "right" if place else "left") for place, name in enumerate(names))
    return Table("Strategies", columns, rows, note + refused)


def _pairs(found: Found) -> Table:
    rows = tuple(
        (
            one.first,
            one.second,
            f"{one.difference:+.3f}",
            f"{one.p:.4f}",
            "neither" if one.p > _LEVEL else one.first if one.difference > 0 else one.second,
        )
        for one in found.differences
    )
    note = "p: of no difference, paired randomisation over questions, Holm over the pairs. Better: at p of .05 or less."
    columns = (Column("A"), Column("B"), Column("A - B", "right"), Column("p", "right"), Column("better"))
    return Table("Pairs", columns, rows, note)


def _tokens(one: Measured) -> float | None:
    return None if one.prompt is None or one.written is None else one.prompt + one.written


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
