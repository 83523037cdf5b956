"""``openbook eval text --out``: the figures, how the texts' scores are spread, and the texts that score least."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from openbook.cli.eval_input import Judged, Low
from openbook.cli.page_out import write_page
from openbook.cli.screen import visible
from openbook.cli.show_eval import difference_table, measure_table
from openbook.evaluate.measured import Measured
from openbook.report.lines import line_plot
from openbook.report.page import Content, Section
from openbook.report.series import Series
from openbook.report.svg import Svg
from openbook.report.tables import Column, Table

_POINTS = 201
_TO_A_PLOT = 6
_CHARACTERS = 600


def write_judged(out: Path | None, name: str, against: str | None, found: Judged) -> None:
    """Nothing without a path."""
    if out is None:
        return
    signatures = tuple((one.name, one.signature) for one in found.found)
    figures: list[Content] = [
        measure_table(found),
        Table("How they came about", (Column("measure"), Column("signature")), signatures),
    ]
    sections = [Section("", figures)]
    if against:
        sections.append(Section("", [difference_table(found, name, against)]))
    if found.texts > 1:
        curves: list[Content] = [
            _curves(found.found[n : n + _TO_A_PLOT]) for n in range(0, len(found.found), _TO_A_PLOT)
        ]
        sections.append(Section("Texts by their score", [_HOW_TO_READ, *curves]))
    if found.lowest:
        sections.append(Section(f"Least by {found.found[0].name}", [_lowest(found.lowest)]))
    write_page(out, f"Texts of {visible(name)} measured", sections)


_HOW_TO_READ = (
    "Each line sorts the texts by their score: at 10 stands the score that a tenth of the texts do not reach."
)


def _curves(found: Sequence[Measured]) -> Svg:
    places = np.linspace(0, 100, _POINTS)
    lines = [Series(one.name, places.tolist(), np.percentile(one.each, places).tolist()) for one in found]
    return line_plot("", lines, x_label="percent of the texts", y_label="score")


def _lowest(lows: Sequence[Low]) -> Table:
    rows = tuple(
        (f"{low.line:,}", f"{low.score:.1f}", _cut(low.text) or "(empty)", _numbered(low.references)) for low in lows
    )
    columns = (Column("line", "right"), Column("score", "right"), Column("text"), Column("references"))
    return Table("", columns, rows)


def _numbered(references: Sequence[str]) -> str:
    cut = [_cut(reference) for reference in references]
    return cut[0] if len(cut) == 1 else "  ".join(f"({number}) {text}" for number, text in enumerate(cut, start=1))


def _cut(text: str) -> str:
    said = visible(text)
    return said if len(said) <= _CHARACTERS else f"{said[: _CHARACTERS - 1]}…"
