"""A table as plain text that fits a terminal: 80 columns unless told, wide characters counted as wide.

Columns of words give way first: their cells wrap at spaces over at most four lines, then end in …. Numbers, which stand
right or centred, are never cut. Where even that does not fit, each row becomes a block of "column: cell" lines.
"""

from collections.abc import Sequence

from openbook.report.characters import padded, shown, width, wrapped
from openbook.report.problems import ReportProblem
from openbook.report.tables import Table

_GAP = "  "
_LINES = 4  # of one cell
_NARROWEST = 10  # a column of words is never made narrower than this


def text(table: Table, columns: int = 80) -> str:
    """The table in at most ``columns`` columns (at least 20), lines ending without spaces, without a last newline."""
    if columns < 20:
        raise ReportProblem(f"a table needs a terminal of at least 20 columns, not {columns}: widen it")
    names = [shown(column.name) for column in table.columns]
    rows = [[shown(cell) for cell in row] for row in table.rows]
    widths = _widths(table, names, rows, columns)
    body = _grid(table, names, rows, widths) if widths else _blocks(names, rows, columns)
    title = [*wrapped(shown(table.title), columns), ""] if table.title else []
    note = ["", *wrapped(shown(table.note), columns)] if table.note else []
    return "\n".join(line.rstrip() for line in [*title, *body, *note])


def _widths(table: Table, names: Sequence[str], rows: Sequence[Sequence[str]], columns: int) -> list[int] | None:
    """The width of each column, or None where the narrowest that can be read do not fit."""
    available = columns - len(_GAP) * (len(names) - 1)
    wanted: list[int] = []
    narrowest: list[int] = []
    for number, (column, name) in enumerate(zip(table.columns, names, strict=True)):
        cells = max((width(row[number]) for row in rows), default=0)
        wanted.append(max(cells, width(name), 2))
        heading = max(map(width, name.split(" ")))  # a heading wraps between words
        kept = min(cells, _NARROWEST) if column.align == "left" else cells
        narrowest.append(max(kept, min(heading, _NARROWEST), 2))
    if sum(narrowest) > available:
        return None
    widths = list(narrowest)
    # Spare columns go, one at a time, to the narrowest column that wants more, so that short ones are whole first.
    for _ in range(available - sum(widths)):
        growing = [i for i, size in enumerate(widths) if size < wanted[i]]
        if not growing:
            break
        widths[min(growing, key=widths.__getitem__)] += 1
    return widths


def _grid(table: Table, names: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    aligns = [column.align for column in table.columns]

    def laid_out(cells: Sequence[str], lines: int | None, at_bottom: bool) -> list[str]:
        stacks = [wrapped(cell, size, lines) for cell, size in zip(cells, widths, strict=True)]
        height = max(map(len, stacks))
        filled = [[""] * (height - len(s)) + s if at_bottom else s + [""] * (height - len(s)) for s in stacks]
        return [_GAP.join(map(padded, line, widths, aligns)) for line in zip(*filled, strict=True)]

    lines = [*laid_out(names, None, at_bottom=True), _GAP.join("─" * size for size in widths)]
    for row in rows:
        lines += laid_out(row, _LINES, at_bottom=False)
    return lines


def _blocks(names: Sequence[str], rows: Sequence[Sequence[str]], columns: int) -> list[str]:
    lines: list[str] = []
    for row in rows:
        lines += [""] if lines else []
        for name, cell in zip(names, row, strict=True):
            first, *rest = wrapped(f"{name}: {cell}", columns, _LINES)
            lines += [first, *rest]
    return lines or wrapped(", ".join(names), columns)
