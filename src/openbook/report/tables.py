"""A table as a value: a title, columns with their alignment, rows of text already formatted, a note."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from openbook.report.problems import ReportProblem

Align: TypeAlias = Literal["left", "right", "center"]
"""Numbers stand right, words left."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and where its cells stand."""

    name: str
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """Rendered by ``terminal.text``, ``markup.markdown`` and ``markup.html``.

    rows: as many cells in each as there are columns. note: what a reader must know of all rows (n, level, seeds).
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        if not self.columns:
            raise ReportProblem(f"table {self.title!r} has no columns: give it at least one")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                found = f"row {number} of table {self.title!r} has {len(row)} cells for {len(self.columns)} columns"
                raise ReportProblem(f"{found}: give every row one cell a column")
