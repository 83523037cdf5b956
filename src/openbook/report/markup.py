"""A table as GitHub Markdown and as HTML; every cell is text, so whatever would mean something there is escaped."""

import html as entities
import re

from openbook.report.characters import padded, shown, width
from openbook.report.tables import Align, Table

# What would begin or end emphasis, code, a link, a footnote, HTML, a cell, strikethrough, a formula or an entity. An
# interval in brackets, p < 0.05 and an underscore inside a word mean nothing and stay readable in the raw text.
_SPECIAL = re.compile(r"[\\`*|~$]|\](?=[(\[:])|\[(?=\^)|<(?=[A-Za-z/!?])|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")


def escaped_markdown(text: str) -> str:
    """The text on one line, such that Markdown shows these very characters."""
    return _SPECIAL.sub(r"\\\g<0>", shown(text))


def escaped_html(text: str) -> str:
    """The text on one line, such that HTML and XML show these very characters, inside attributes too."""
    return entities.escape(shown(text), quote=True)


def markdown(table: Table) -> str:
    """The table as GitHub Flavored Markdown: its title in bold, the rows, its note. No last newline."""
    aligns: list[Align] = [column.align for column in table.columns]
    lines = [[escaped_markdown(column.name) for column in table.columns]]
    lines += [[escaped_markdown(cell) for cell in row] for row in table.rows]
    widths = [max(3, *(width(line[number]) for line in lines)) for number in range(len(aligns))]
    rules = [_rule(align, size) for align, size in zip(aligns, widths, strict=True)]
    padded_lines = [list(map(padded, line, widths, aligns)) for line in lines]
    grid = [f"| {' | '.join(cells)} |" for cells in [padded_lines[0], rules, *padded_lines[1:]]]
    title = [f"**{escaped_markdown(table.title)}**", ""] if table.title else []
    note = ["", escaped_markdown(table.note)] if table.note else []
    return "\n".join([*title, *grid, *note])


def html(table: Table) -> str:
    """The table as an HTML ``<table>`` with its title as caption; the note follows as a paragraph."""
    aligns = [column.align for column in table.columns]
    heading = "".join(
        f'<th scope="col" class="{align}">{escaped_html(column.name)}</th>'
        for align, column in zip(aligns, table.columns, strict=True)
    )
    rows = "\n".join(
        "<tr>"
        + "".join(f'<td class="{a}">{escaped_html(cell)}</td>' for a, cell in zip(aligns, row, strict=True))
        + "</tr>"
        for row in table.rows
    )
    caption = f"<caption>{escaped_html(table.title)}</caption>" if table.title else ""
    note = f'\n<p class="note">{escaped_html(table.note)}</p>' if table.note else ""
    body = f"<thead><tr>{heading}</tr></thead>\n<tbody>\n{rows}\n</tbody>"
    return f'<div class="table"><table>{caption}\n{body}</table></div>{note}'


def _rule(align: Align, size: int) -> str:
    """The dashes under a heading; the colons say where the cells stand."""
    dashes = "-" * (size - 2)
    return {"left": f":{dashes}-", "right": f"-{dashes}:", "center": f":{dashes}:"}[align]
