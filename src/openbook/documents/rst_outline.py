"""The outline of a reStructuredText: titles by their underlines, literal blocks and directives in one piece."""

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

from openbook.documents.outline import LONGEST_HEADING, Block, Heading, Outline, plain_title
from openbook.values import Span

_ADORNMENT = re.compile(r"([!-/:-@[-`{-~])\1+[ \t]*$")
_LITERAL = re.compile(r"(?!\.\.[ \t])[^\n]*::[ \t]*$")
_DIRECTIVE = re.compile(
    r"[ \t]*\.\.[ \t]+(?:code|code-block|sourcecode|math|parsed-literal|csv-table|list-table|table|raw)::"
)


def rst_outline(text: str) -> Outline:
    """A title is a line with an underline at least as long, maybe an overline; levels go by first appearance."""
    lines = text.split("\n")
    starts = _starts(lines)
    headings: list[Heading] = []
    blocks: list[Block] = []
    levels: dict[tuple[str, bool], int] = {}
    index = 0
    while index < len(lines):
        rows = _title_rows(lines, index)
        if rows:
            is_over = rows == 3
            title = lines[index + is_over]
            mark = lines[index + rows - 1][0]
            level = levels.setdefault((mark, is_over), len(levels) + 1)
            span = Span(starts[index], starts[index + rows] - 1)
            headings.append(Heading(span, level, plain_title(title)))
            index += rows
        elif (is_directive := bool(_DIRECTIVE.match(lines[index]))) or _LITERAL.match(lines[index]):
            first = index if is_directive else index + 1
            index = _literal_end(lines, index)
            if first < index:
                blocks.append(Block(Span(starts[first], starts[index] - 1), "lines"))
        else:
            index += 1
    return Outline(headings, blocks)


def _starts(lines: Sequence[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _title_rows(lines: Sequence[str], index: int) -> int:
    """2 for a title with its underline here, 3 with an overline too, else 0."""
    if index + 2 < len(lines) and _is_adornment(lines[index]) and lines[index] == lines[index + 2].rstrip():
        title = lines[index + 1]
        return 3 if title.strip() and _fits(title.strip(), lines[index]) and not _is_adornment(title) else 0
    if index + 1 >= len(lines) or not _is_adornment(lines[index + 1]):
        return 0
    title = lines[index]
    is_first = index == 0 or not lines[index - 1].strip() or _is_adornment(lines[index - 1])
    if not is_first or not title.strip() or title[0].isspace() or _is_adornment(title):
        return 0
    return 2 if _fits(title.rstrip(), lines[index + 1]) else 0


def _is_adornment(line: str) -> bool:
    return bool(_ADORNMENT.match(line))


def _fits(title: str, underline: str) -> bool:
    """An underline may be shorter by little: docutils warns, and takes it for a title from four characters on."""
    width = sum(2 if east_asian_width(c) in "WF" else 1 for c in title[: LONGEST_HEADING + 1])
    length = len(underline.rstrip())
    return len(title) <= LONGEST_HEADING and (length >= width or length >= 4)


def _literal_end(lines: Sequence[str], index: int) -> int:
    """The first line after the indented ones that follow line ``index``, blank lines among them included."""
    margin = len(lines[index]) - len(lines[index].lstrip())
    end = following = index + 1
    while following < len(lines):
        line = lines[following]
        if line.strip():
            if len(line) - len(line.lstrip()) <= margin:
                break
            end = following + 1
        following += 1
    return end
