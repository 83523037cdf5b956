"""The outline of a Markdown text, by the line numbers that markdown-it-py gives to its blocks."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from openbook.documents.outline import LONGEST_HEADING, Block, BlockKind, Heading, Outline, plain_title
from openbook.values import Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_SLICE = 1 << 18
"""Characters parsed at once: the parser holds an object for each table cell and list item."""

_DEEPEST_NESTING = 20
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:(?!---|\.\.\.)[^\n]*\n){1,200}(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_SAFE_CUT = re.compile(r"\n\n(?=[A-Za-z#])")
"""A blank line, then neither a list nor an indented line: outside fences a new block begins there."""

_FORMULA = re.compile(r"^ {0,3}\$\$(?:(?!\$\$)[\s\S]){0,4000}\$\$[^\n]*", re.MULTILINE)
_LINES: frozenset[str] = frozenset({"fence", "code_block", "html_block", "table_open"})


def markdown_outline(text: str) -> Outline:
    """Headings of the document itself (not those in lists or quotations), and every block between them."""
    headings: list[Heading] = []
    blocks: list[Block] = []
    front = _FRONT_MATTER.match(text)
    start = front.end() if front else 0
    if front:
        blocks.append(Block(Span(0, start), "lines"))
    for end in _slice_ends(text, start):
        _parse(text, start, end, headings, blocks)
        start = end
    return _with_formulas(text, headings, blocks)


@cache
def _parser() -> "MarkdownIt":
    """Blocks only: no inline markup and no link definitions, which have no lines of their own."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST_NESTING}).enable("table").disable("reference")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _parse(text: str, start: int, end: int, headings: list[Heading], blocks: list[Block]) -> None:
    part = text[start:end]
    lines = [start, *(start + match.end() for match in re.finditer("\n", part))]
    lines.append(end)
    tokens = _parser().parse(part)
    for index, token in enumerate(tokens):
        if token.level or not token.map or token.nesting < 0:
            continue
        span = Span(lines[min(token.map[0], len(lines) - 1)], lines[min(token.map[1], len(lines) - 1)])
        if token.type == "heading_open" and span.end - span.start <= LONGEST_HEADING:
            headings.append(Heading(span, int(token.tag[1:]), plain_title(tokens[index + 1].content)))
        elif text[span.start : span.end].strip():
            kind: BlockKind = "lines" if token.type in _LINES else "prose"
            blocks.append(Block(span, kind))


def _slice_ends(text: str, start: int) -> Iterator[int]:
    """Ends of slices of about ``_SLICE`` characters, between blocks where there is such a place."""
    while len(text) - start > _SLICE:
        cut = 0
        fences = _FENCE.finditer(text, start, start + 2 * _SLICE)
        fence, is_open = next(fences, None), False
        for match in _SAFE_CUT.finditer(text, start, start + 2 * _SLICE):
            while fence is not None and fence.start() < match.end():
                is_open = not is_open
                fence = next(fences, None)
            if not is_open:
                cut = match.end()
                if cut - start >= _SLICE:
                    break
        if not cut:
            cut = text.find("\n", start + _SLICE) + 1 or len(text)
        yield cut
        start = cut
    if start < len(text):
        yield len(text)


def _with_formulas(text: str, headings: Sequence[Heading], blocks: Sequence[Block]) -> Outline:
    """Formulas between ``$$`` in one piece: Markdown takes their lines for paragraphs, even for headings."""
    formulas = [Span(*match.span()) for match in _FORMULA.finditer(text)]
    if not formulas:
        return Outline(headings, blocks)
    kept: list[Heading] = []
    pieces = [*blocks]
    covered = iter([*formulas, None])
    formula = next(covered)
    for heading in headings:
        while formula is not None and formula.end <= heading.span.start:
            formula = next(covered)
        if formula is None or heading.span.end <= formula.start:
            kept.append(heading)
        else:
            pieces.append(Block(heading.span, "prose"))
    whole: list[Block] = []
    covered = iter([*formulas, None])
    formula = next(covered)
    for block in sorted(pieces, key=lambda b: b.span):
        while formula is not None and formula.end <= block.span.start:
            formula = next(covered)
        last = whole[-1] if whole else None
        if last and formula and formula.start < last.span.end and block.span.start < formula.end:
            whole[-1] = Block(Span(last.span.start, block.span.end), "prose")
        else:
            whole.append(block)
    return Outline(kept, whole)
