"""Where in its source a position is, in words that help a person find it."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import cast

from openbook.values import Document

_PAGES = frozenset({"pdf"})
_WITHOUT_LINES = frozenset({"html", "docx"})
_MAX_TITLE = 60


def place(document: Document, position: int) -> str:
    """``line 12`` of a text, ``page 3`` of a PDF, ``"Setup", paragraph 2`` of a web page or Word document.

    position: in code points of ``document.text``. Lines, pages and paragraphs are counted from 1, paragraphs from the
    last heading, whose own is 0 and left out.
    """
    return places(document)(position)


def places(document: Document) -> Callable[[int], str]:
    """``place`` for many positions of one document: linear in all when they come in ascending order."""
    kind = document.meta.get("kind")
    if kind in _PAGES:
        starts = _positions(document.meta.get("pages"))
        return lambda position: f"page {max(bisect_right(starts, position), 1)}"
    if kind in _WITHOUT_LINES:
        return _below_headings(document)
    lines = _counter(document.text, "\n")
    return lambda position: f"line {lines(position) + 1}"


def _below_headings(document: Document) -> Callable[[int], str]:
    rows = document.meta.get("headings")
    headings = sorted(
        (row[0], str(row[2]))
        for row in (rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ())
        if isinstance(row, Sequence) and len(row) == 3 and isinstance(row[0], int)
    )
    starts = [start for start, _ in headings]
    blanks = _counter(document.text, "\n\n")
    known: dict[int, int] = {}

    def of(position: int) -> str:
        index = bisect_right(starts, position) - 1
        if index < 0:
            return f"paragraph {blanks(position) + 1}"
        if index not in known:
            known.clear()
            known[index] = blanks(starts[index])
        title = headings[index][1]
        title = title if len(title) <= _MAX_TITLE else title[: _MAX_TITLE - 1].rstrip() + "…"
        paragraph = blanks(position) - known[index]
        return f'"{title}", paragraph {paragraph}' if paragraph else f'"{title}"'

    return of


def _counter(text: str, mark: str) -> Callable[[int], int]:
    """How many marks begin before a position; counts on from the last one asked for."""
    at = count = 0

    def upto(position: int) -> int:
        nonlocal at, count
        if position < at:
            at = count = 0
        # a mark may lie across the place where counting went on: step back to the end of the last whole one
        found = text.count(mark, at, position)
        if found:
            count += found
            at = text.rfind(mark, at, position) + len(mark)
        return count

    return upto


def _positions(value: object) -> list[int]:
    return (
        [p for p in cast("Sequence[object]", value) if isinstance(p, int)]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else []
    )
