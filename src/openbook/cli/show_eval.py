"""What ``openbook eval text`` shows: every measure with its interval, and the texts that score least."""

from collections.abc import Sequence

from openbook.cli.screen import console, visible
from openbook.evaluate.overlap import Measured
from openbook.report import terminal
from openbook.report.tables import Column, Table


def show_measured(texts: Sequence[str], found: Sequence[Measured], worst: int) -> None:
    screen = console()
    rows = tuple((one.name, f"{one.score:.2f}", _interval(one)) for one in found)
    spread = (
        "95 % intervals: texts drawn with replacement."
        if len(texts) > 1
        else "A single text shows no spread, so there is no interval."
    )
    of = "1 text" if len(texts) == 1 else f"{len(texts):,} texts"
    table = Table(of, (Column("measure"), Column("score", "right"), Column("95 %", "right")), rows, spread)
    screen.print(terminal.text(table, screen.width), markup=False, highlight=False)
    for one in found:
        screen.print(f"{one.name}: {one.signature}", style="dim", markup=False, highlight=False)
    if worst and len(texts) > 1:
        first = found[0]
        order = sorted(range(len(texts)), key=lambda number: first.each[number])[:worst]
        screen.print(f"\nLeast by {first.name}")
        for number in order:
            said = visible(" ".join(texts[number].split())) or "(empty)"
            line = f"  line {number + 1}  {first.each[number]:.1f}  {said}"
            screen.print(line if len(line) <= screen.width else f"{line[: screen.width - 2]} …", markup=False)


def _interval(one: Measured) -> str:
    return "–" if one.interval is None else f"{one.interval.low:.2f}–{one.interval.high:.2f}"
