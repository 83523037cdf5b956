"""Text laid out in reading order: the characters are the source's, only the blanks between them are chosen here.

Blocks are set apart by a blank line, the rows of a table by a line end, its cells by a tab.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum

from openbook.documents.decode import normalise
from openbook.values import Json

_BLANKS = re.compile(r"[ \t\n\r\f]+")
MAX_TITLE = 300
"""Characters of a heading at most; what is longer is text that was marked up as one."""

_MAX_MARKS = 10_000


class Gap(IntEnum):
    """The blank before the next character, from none to a blank line."""

    NONE = 0
    SPACE = 1
    CELL = 2
    LINE = 3
    BLOCK = 4


_BETWEEN = ("", " ", "\t", "\n", "\n\n")


@dataclass(slots=True)
class Mark:
    """A place in the flow: where the first character after it went, as position and as index of the piece."""

    position: int = -1
    piece: int = -1


@dataclass(slots=True)
class Flow:
    """What has been laid out so far.

    gap: the widest blank asked for since the last character. last_block: where the last blank line was put.
    """

    pieces: list[str] = field(default_factory=list[str])
    length: int = 0
    gap: Gap = Gap.NONE
    last_block: int = -1
    at_cell_start: bool = False
    cells_in_row: int = 0
    waiting: list[Mark] = field(default_factory=list[Mark])
    headings: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])
    line_spans: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def collapsed(self, text: str) -> None:
        """Characters whose blanks mean nothing but a gap, as in HTML."""
        words = _BLANKS.sub(" ", text)
        inner = words.strip()  # also drops no-break spaces that only pad
        if words and (not inner or words[0].isspace()):
            self.ask(Gap.SPACE)
        if inner:
            self.verbatim(inner)
            if words[-1].isspace():
                self.ask(Gap.SPACE)

    def verbatim(self, text: str) -> None:
        """Characters as they are, blanks included."""
        if not text:
            return
        if self.length and self.gap:
            if self.gap == Gap.BLOCK:
                self.last_block = self.length
            self._add(_BETWEEN[self.gap])
        self.gap = Gap.NONE
        self.at_cell_start = False
        for mark in self.waiting:
            mark.position, mark.piece = self.length, len(self.pieces)
        self.waiting.clear()
        self._add(normalise(text))

    def ask(self, gap: Gap) -> None:
        """At least this gap before what follows. Blocks at the very start of a cell ask for nothing."""
        if not self.at_cell_start:
            self.gap = max(self.gap, gap)

    def start_cell(self) -> None:
        if self.cells_in_row:
            self.gap = Gap.CELL  # whatever the blocks inside the cell before asked for
        self.at_cell_start = True
        self.cells_in_row += 1

    def end_row(self) -> None:
        """A row of one cell is a layout rather than a table: it ends like a block."""
        self.at_cell_start = False
        self.gap = Gap.BLOCK if self.cells_in_row == 1 else Gap.LINE
        self.cells_in_row = 0

    def mark(self) -> Mark:
        """Note where the next character will go."""
        mark = Mark()
        self.waiting.append(mark)
        return mark

    def end_heading(self, mark: Mark, level: int) -> None:
        """What was laid out since the mark is a heading."""
        if mark.piece >= 0 and self.length - mark.position <= MAX_TITLE and len(self.headings) < _MAX_MARKS:
            title = " ".join("".join(self.pieces[mark.piece :]).split())
            if title:
                self.headings.append((mark.position, level, title))

    def end_lines(self, mark: Mark) -> None:
        """What was laid out since the mark is code or a table: better cut between lines than between sentences."""
        if mark.piece >= 0 and len(self.line_spans) < _MAX_MARKS:
            self.line_spans.append((mark.position, self.length))

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def meta(self) -> dict[str, Json]:
        return {"headings": [list(h) for h in self.headings], "line_spans": [list(s) for s in self.line_spans]}

    def _add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)
