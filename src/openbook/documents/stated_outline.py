"""The outline that a parser found and noted in ``meta``: HTML, docx and PDF."""

from collections.abc import Sequence
from typing import Any, cast

from openbook.documents.outline import LONGEST_HEADING, Block, Heading, Outline, plain_title
from openbook.values import Document, Span


def stated_outline(document: Document) -> Outline:
    """Headings from ``meta["headings"]``, code and tables from ``meta["line_spans"]``; what cannot be is left out."""
    text = document.text
    headings: list[Heading] = []
    end = 0
    for position, level, title in sorted(_rows(document, "headings", (int, int, str))):
        if end <= position <= len(text):
            end = _end_of_title(text, position, title)
            headings.append(Heading(Span(position, end), level, plain_title(title)))
    blocks: list[Block] = []
    end = 0
    for start, stop in sorted(_rows(document, "line_spans", (int, int))):
        if end <= start < stop <= len(text):  # an inner one of two is part of the outer
            blocks.append(Block(Span(start, stop), "lines"))
            end = stop
    return Outline(headings, _apart(blocks, headings))


def _rows(document: Document, key: str, types: tuple[type, ...]) -> list[Any]:
    """The rows of this entry of ``meta`` that have these types; it may come from an index that someone has edited."""
    rows: Any = document.meta.get(key)
    if not isinstance(rows, list | tuple):
        return []
    return [
        row
        for row in cast("Sequence[Any]", rows)
        if isinstance(row, list | tuple) and [type(value) for value in cast("Sequence[Any]", row)] == [*types]
    ]


def _end_of_title(text: str, position: int, title: str) -> int:
    """Where the title that stands at ``position`` ends, blanks aside; ``position`` where other words stand there."""
    at = position
    for word in title[:LONGEST_HEADING].split():
        while at < len(text) and text[at].isspace():
            at += 1
        if not text.startswith(word, at):
            return position
        at += len(word)
    return at if len(title) <= LONGEST_HEADING else position


def _apart(blocks: Sequence[Block], headings: Sequence[Heading]) -> list[Block]:
    """The blocks without those that hold a heading: a page laid out in a table is cut at its headings all the same."""
    kept: list[Block] = []
    index = 0
    for block in blocks:
        while index < len(headings) and headings[index].span.end <= block.span.start:
            index += 1
        if index == len(headings) or headings[index].span.start >= block.span.end:
            kept.append(block)
    return kept
