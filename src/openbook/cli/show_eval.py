"""What ``openbook eval text`` shows: measures with intervals, the texts that score least, and two systems compared."""

from dataclasses import asdict
from typing import Any

from openbook.cli.eval_input import Judged
from openbook.cli.screen import console, one_line, plural
from openbook.evaluate.measured import Measured
from openbook.evaluate.sums import GROUPS
from openbook.report import terminal
from openbook.report.tables import Column, Table


def show_judged(found: Judged, name: str, against: str | None) -> None:
    screen = console()
    for table in (measure_table(found), *([difference_table(found, name, against)] if against else [])):
        screen.print(terminal.text(table, screen.width), markup=False, highlight=False)
        screen.print()
    for one in found.found:
        signature = f"{one.name}: {one.signature}"
        screen.print(signature, style="dim", markup=False, highlight=False, soft_wrap=True)  # one line, to be copied
    if found.lowest and found.texts > 1:
        screen.print(f"\nLeast by {found.found[0].name}")
        for low in found.lowest:
            line = f"  line {low.line}  {low.score:.1f}  {one_line(low.text) or '(empty)'}"
            screen.print(line if len(line) <= screen.width else f"{line[: screen.width - 2]} …", markup=False)


def measure_table(found: Judged) -> Table:
    rows = tuple((one.name, f"{one.score:.2f}", _interval(one)) for one in found.found)
    spread = "95 % intervals: texts drawn with replacement."
    if found.texts == 1:
        spread = "A single text shows no spread, so there is no interval."
    elif found.texts > GROUPS:
        spread = f"95 % intervals: texts drawn with replacement, in {GROUPS:,} groups."
    columns = (Column("measure"), Column("score", "right"), Column("95 %", "right"))
    return Table(plural(found.texts, "text"), columns, rows, spread)


def difference_table(found: Judged, name: str, against: str) -> Table:
    """Every measure of both systems; a difference is one where its p value says so."""
    rows = tuple(
        (
            one.name,
            *(f"{score:.2f}" for score in one.scores),
            f"{one.difference:+.2f}",
            "–" if one.interval is None else f"{one.interval.low:+.2f} to {one.interval.high:+.2f}",
            f"{one.adjusted:.4f}",
            "neither" if one.adjusted > 0.05 else "A" if one.difference > 0 else "B",
        )
        for one in found.differences
    )
    note = (
        f"A: {one_line(name)}. B: {one_line(against)}. p: of no difference, by swapping the systems' texts at random "
        f"(10,000 times), adjusted for {plural(len(rows), 'measure')} (Holm). Better: at p of .05 or less."
    )
    names = ("measure", "A", "B", "A - B", "95 %", "p", "better")
    columns = tuple(Column(column, "right" if place else "left") for place, column in enumerate(names))
    return Table("Two systems", columns, rows, note)


def as_data(found: Judged) -> dict[str, Any]:
    data: dict[str, Any] = {"texts": found.texts, "measures": [_data(one) for one in found.found]}
    if found.against:
        data["against"] = [_data(one) for one in found.against]
        data["differences"] = [asdict(one) for one in found.differences]
    return data


def _data(one: Measured) -> dict[str, Any]:
    interval = None if one.interval is None else asdict(one.interval)
    return {
        "name": one.name,
        "score": one.score,
        "interval": interval,
        "signature": one.signature,
        "each": one.each.tolist(),
    }


def _interval(one: Measured) -> str:
    return "–" if one.interval is None else f"{one.interval.low:.2f}–{one.interval.high:.2f}"
