"""A document to chunks: along its structure, within a budget of tokens, and without cutting a sentence that fits.

Under each heading, neighbouring blocks (paragraphs, lists, tables, code) are packed together up to the budget. A block
over the budget is cut between its sentences or lines, and only a single sentence over it between tokens. A heading's
own line is in ``Chunk.heading`` and not in a chunk, unless nothing stands under it.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from openbook.documents.cut import Ruler, TokenSpans, Unit, cut, trimmed
from openbook.documents.outline import Block, BlockKind, Section, sections
from openbook.documents.place import places
from openbook.documents.sentences import sentences
from openbook.values import Chunk, Document, Span

_DEEPEST_PATH = 6
_FRESH = 4
"""A block over the budget begins a new chunk, unless the one before is under a quarter of it."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_LINE_END = re.compile(r"\n")
Way: TypeAlias = Callable[[str, Span], Sequence[Span]]


def chunk(document: Document, token_spans: TokenSpans, budget: int) -> list[Chunk]:
    """Chunks of at most ``budget`` tokens each, in order; every other character than headings and blanks is in one.

    token_spans: called with pieces of bounded length. Only a single character that has more tokens may be over budget.
    """
    if budget < 1:
        raise ValueError(f"a chunk needs a budget of at least one token, not {budget}")
    ruler = Ruler(document.text, token_spans, budget)
    place_of = places(document)
    return [
        Chunk(document.id, span, path[-_DEEPEST_PATH:], place_of(span.start))
        for section in sections(document)
        for path, blocks in [_own_words(document.text, section)]
        for span in _pack(ruler, blocks)
    ]


def _own_words(text: str, section: Section) -> tuple[tuple[str, ...], Sequence[Block]]:
    """The section's blocks under its path; a heading with nothing below it at all speaks for itself."""
    blocks = [block for block in section.blocks if trimmed(text, block.span.start, block.span.end)]
    if blocks or section.heading is None or section.has_parts:
        return section.path, blocks
    return section.path[:-1], [Block(section.heading.span, "lines")]


def _pack(ruler: Ruler, blocks: Sequence[Block]) -> Iterator[Span]:
    """Units joined greedily while they fit."""
    held: list[Unit] = []
    tokens = 0
    for unit in (unit for block in blocks for unit in _units(ruler, block)):
        while held and not _joins(ruler, held, tokens, unit):
            led = _is_lead_in(ruler, held, unit)
            span, rest = _full(ruler, held[:-1] if led else held)
            held = [*rest, held[-1]] if led else rest
            tokens = sum(u.tokens for u in held)
            yield span
        held.append(unit)
        tokens += unit.tokens
    while held:
        span, held = _full(ruler, held)
        yield span


def _joins(ruler: Ruler, held: Sequence[Unit], tokens: int, unit: Unit) -> bool:
    if unit.begins_anew and tokens * _FRESH > ruler.budget:
        return False
    is_short = unit.span.end - held[0].span.start <= ruler.most_characters
    return is_short and tokens + unit.tokens <= ruler.budget


def _is_lead_in(ruler: Ruler, held: Sequence[Unit], unit: Unit) -> bool:
    """Whether the last of several units announces the next, a list or formula, and both fit into one chunk."""
    last = held[-1]
    announces = len(held) > 1 and ruler.text[last.span.end - 1] in ":："
    return announces and _joins(ruler, [last], last.tokens, unit)


def _full(ruler: Ruler, held: Sequence[Unit]) -> tuple[Span, list[Unit]]:
    """The longest run of units that fits when counted as one text, and the units left over.

    The whole may have more tokens than its parts: one for each blank between them (up to four by bytes: a line
    separator has three), and one for each part that does not begin the text. It is counted where that could matter.
    """
    kept = len(held)
    while True:
        span = Span(held[0].span.start, held[kept - 1].span.end)
        blanks = span.end - span.start - sum(unit.span.end - unit.span.start for unit in held[:kept])
        most = sum(unit.tokens for unit in held[:kept]) + 4 * blanks + kept
        if kept == 1 or most <= ruler.budget or ruler.count(span) <= ruler.budget:
            return span, list(held[kept:])
        kept -= 1


def _units(ruler: Ruler, block: Block) -> Iterator[Unit]:
    """The block as one unit if it fits, else as the largest pieces of it that do."""
    whole = trimmed(ruler.text, block.span.start, block.span.end)
    if whole is None:
        return
    count = ruler.count
    if whole.end - whole.start <= ruler.most_characters:
        starts = ruler.token_starts(whole)
        if len(starts) <= ruler.budget:
            yield Unit(whole, len(starts))
            return
        count = partial(_count_between, starts)
    for index, unit in enumerate(_split(ruler, whole, _WAYS[block.kind], count)):
        yield replace(unit, begins_anew=True) if index == 0 else unit


def _split(ruler: Ruler, span: Span, ways: Sequence[Way], count: Callable[[Span], int]) -> Iterator[Unit]:
    """Pieces that fit: cut in the first of these ways, and what is still too large in the next.

    count: may be off by one, when it was taken from the tokens of a larger text; so what is close is counted by itself.
    """
    for piece in ways[0](ruler.text, span):
        fits = piece.end - piece.start <= ruler.most_characters
        tokens = count(piece) if fits else 0
        if fits and tokens >= ruler.budget:
            tokens = ruler.count(piece)
            fits = tokens <= ruler.budget
        if fits:
            yield Unit(piece, tokens)
        elif ways[1:]:
            yield from _split(ruler, piece, ways[1:], count)
        else:
            yield from cut(ruler, piece)


def _count_between(starts: Sequence[int], span: Span) -> int:
    return bisect_left(starts, span.end) - bisect_left(starts, span.start)


def _paragraphs(text: str, span: Span) -> list[Span]:
    return _between(text, span, _BLANK_LINE)


def _lines(text: str, span: Span) -> list[Span]:
    return _between(text, span, _LINE_END)


def _between(text: str, span: Span, separator: re.Pattern[str]) -> list[Span]:
    matches = [match.span() for match in separator.finditer(text, span.start, span.end)]
    starts = [span.start, *(end for _, end in matches)]
    ends = [*(start for start, _ in matches), span.end]
    return [piece for start, end in zip(starts, ends, strict=True) if (piece := trimmed(text, start, end))]


_WAYS: dict[BlockKind, Sequence[Way]] = {"prose": (sentences,), "lines": (_paragraphs, _lines)}
