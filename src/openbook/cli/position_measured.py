"""From rows of probes to curves, shape and pictures: what ``openbook eval position`` shows, prints and writes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from openbook.cli.position_probes import Wanted, probes
from openbook.cli.position_rows import Run, recorded, saved
from openbook.cli.position_subject import subject_of
from openbook.cli.progress import counted
from openbook.cli.screen import plural
from openbook.cli.stopped_early import GOES_ON, over_the_context, told_at_an_interrupt
from openbook.encode import open_encoder
from openbook.evaluate.position.ask import asked, digest_of
from openbook.evaluate.position.curves import Grid, Point, by_depth, by_length, by_range, grid, in_tenths
from openbook.evaluate.position.plots import depth_plot, grid_plot, length_plot
from openbook.evaluate.position.probe import UNITS, Row
from openbook.evaluate.position.recorded import RIGHT_FROM
from openbook.evaluate.position.shape import Shape, shape
from openbook.evaluate.position.tables import curve_table, shape_table
from openbook.report.page import Section
from openbook.report.svg import Svg
from openbook.report.tables import Table

MOST_LENGTHS = 50
"""Columns of the heat map."""


@dataclass(frozen=True, slots=True)
class Found:
    """Rows, of whom, and what to know of them."""

    name: str
    rows: Sequence[Row]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """depths, lengths: the curves. shape: None where no item was asked at both edges and in the middle."""

    name: str
    unit: str
    rows: Sequence[Row]
    depths: Sequence[Point]
    lengths: Sequence[Point]
    grid: Grid
    shape: Shape | None
    note: str


def of_file(path: Path) -> Found:
    """Rows recorded before."""
    found = recorded(path)
    note = plural(len(found.rows), "recorded probe") + "."
    if found.graded:
        note += f" A grade from 1 to 10 counts as right from {RIGHT_FROM}."
    if found.unread:
        note += f" Left out, for want of {'a grade' if found.graded else 'a result'}: {found.unread:,}."
    return Found(path.name, found.rows, note)


def asked_now(wanted: Wanted, model: str | None, *, reader: bool, twice: bool, save: Path | None, quiet: bool) -> Found:
    """Rows of probes asked now, but for those that an earlier run left in ``save``."""
    named = subject_of(model, reader=reader, twice=twice, kind=wanted.kind)
    encoder = open_encoder()
    made = probes(wanted, lambda text: len(encoder.token_spans(text)))
    rows: list[Row] = []
    about = f"{named.name}, {wanted.in_words}{', the question twice' * twice}"
    run = Run(digest_of(made, named.identity), about)
    kept = "none kept without --save FILE.jsonl" if save is None else f"kept in {save}, {GOES_ON}"
    with (
        saved(save, run) as (known, write),
        told_at_an_interrupt(lambda: f"{len(rows):,} of {plural(len(made), 'probe')}, {kept}"),
        over_the_context("name smaller --lengths"),
        counted("probes", quiet=quiet) as show,
    ):
        for row in asked(made, named.subject, known, write):
            rows.append(row)
            show(len(rows), len(made))
    items = len({row.item for row in rows})
    counted_in = " Tokens are those of the shipped encoder." if wanted.kind == "needle" else ""
    return Found(named.name, rows, f"{len(rows):,} probes of {items:,} items.{counted_in}{named.note}")


def measured(found: Found) -> Measured:
    """Curves over depths in tenths where there are many; the shape over all depths as they are."""
    rows = in_tenths(found.rows)
    unit = UNITS[found.rows[0].kind]
    return Measured(
        found.name, unit, found.rows, by_depth(rows), by_length(rows), grid(rows), shape(found.rows), found.note
    )


def tables(outcome: Measured) -> list[Table]:
    """By depth, by length, and the shape where it could be tested."""
    one = len({row.item for row in outcome.rows}) == 1
    note = "95% intervals, Wilson's, of one needle: they say nothing of others." if one else ""
    more = {"note": note} if one else {}
    shown = [
        curve_table(f"By where the fact stands: {outcome.name}", "depth", outcome.depths, **more),
        curve_table(f"By length of the context: {outcome.name}", outcome.unit, by_range(outcome.rows), **more),
    ]
    return shown if outcome.shape is None else [*shown, shape_table("Does the position matter?", outcome.shape)]


def plots(outcome: Measured) -> list[Svg]:
    """Both curves, and the heat map where its lengths fit."""
    drawn = [
        depth_plot("Share right by position", {outcome.name: outcome.depths}),
        length_plot("Share right by length", {outcome.name: outcome.lengths}, outcome.unit),
    ]
    if len(outcome.grid.lengths) > MOST_LENGTHS:
        return drawn
    return [*drawn, grid_plot("Position and length", outcome.grid, outcome.unit)]


def sections(outcome: Measured) -> list[Section]:
    """The page."""
    depth, length, *rest = tables(outcome)
    drawn = plots(outcome)
    first = Section(
        "What was found", [outcome.shape.sentence.capitalize() + "." if outcome.shape else "", outcome.note]
    )
    found = [first, Section("By position", [drawn[0], depth, *rest]), Section("By length", [drawn[1], length])]
    return [*found, Section("By both", drawn[2:])] if drawn[2:] else found


def as_json(outcome: Measured) -> dict[str, Any]:
    """Everything as plain values, rows included."""
    return {
        "name": outcome.name,
        "unit": outcome.unit,
        "depths": [asdict(point) for point in outcome.depths],
        "lengths": [asdict(point) for point in outcome.lengths],
        "shape": None if outcome.shape is None else {**asdict(outcome.shape), "sentence": outcome.shape.sentence},
        "note": outcome.note,
        "rows": [asdict(row) for row in outcome.rows],
    }
