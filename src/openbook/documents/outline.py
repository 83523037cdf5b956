"""A document's headings, and the blocks between them that are better kept whole."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from openbook.values import Document, Span

BlockKind = Literal["prose", "lines"]

MAX_TITLE = 100
"""Characters of a title in a chunk's heading path."""

LONGEST_HEADING = 300
"""What is longer is text, whatever it is marked as: only a title that is shown whole may leave the text."""

MAX_HEADINGS = 20_000
_TITLE_BYTES = 16_384
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_CLOSING = frozenset(")]}")
_MARKUP = re.compile(r"\[([^\[\]]{1,200})\]\([^()\s]{0,500}\)|[`*]+|[ \t]+\{#[\w-]{1,80}\}[ \t]*$")


@dataclass(frozen=True, slots=True)
class Heading:
    """span: its own line or lines, empty where it only marks a place. level: 1 for the highest."""

    span: Span
    level: int
    title: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list, table or piece of code. Prose is cut between sentences, the others between lines."""

    span: Span
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Outline:
    """Both in order and without overlap; what neither covers is prose in paragraphs."""

    headings: Sequence[Heading]
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading. path: the titles above its text, its own last."""

    heading: Heading | None
    path: tuple[str, ...]
    blocks: Sequence[Block]
    has_parts: bool
    """Whether the next heading is below this one."""


def outline(document: Document) -> Outline:
    """The structure of the document, by the rules of its kind."""
    text, kind = document.text, document.meta.get("kind")
    if kind == "markdown":
        from openbook.documents.markdown_outline import markdown_outline

        return markdown_outline(text)
    if kind == "rst":
        from openbook.documents.rst_outline import rst_outline

        return rst_outline(text)
    if kind in ("html", "docx", "pdf"):
        from openbook.documents.stated_outline import stated_outline

        return stated_outline(document)
    if kind in ("code", "data"):
        return Outline((), [Block(span, "lines") for span in _definitions(text)])
    return Outline((), ())


def _definitions(text: str) -> Iterator[Span]:
    """Runs of lines from one line at the left margin after a blank one to the next: functions, classes, records."""
    start = 0
    for match in _BLANK_LINES.finditer(text):
        following = text[match.end() : match.end() + 1]
        if match.start() > start and not following.isspace() and following not in _CLOSING:
            yield Span(start, match.start())
            start = match.end()
    if start < len(text):
        yield Span(start, len(text))


def first_title(document: Document) -> str:
    """The title of the first heading; of Markdown and reStructuredText, among the first 16,000 characters."""
    kind = document.meta.get("kind")
    text = document.text[:_TITLE_BYTES] if kind in ("markdown", "rst") else document.text
    found = (
        outline(Document("", "", "", text, "", document.meta)).headings if kind not in ("text", "code", "data") else ()
    )
    return next((heading.title for heading in found), "")


def plain_title(markup: str) -> str:
    """A heading as words: one line, without emphasis, code marks and link targets, of bounded length."""
    title = " ".join(_MARKUP.sub(lambda m: m[1] or "", markup).split())
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rstrip() + "…"


def sections(document: Document) -> Iterator[Section]:
    """The document cut at its headings; the first section, above any heading, may hold nothing."""
    found = outline(document)
    headings = _bounded(found.headings)
    blocks = iter([*found.blocks, None])
    block = next(blocks)
    path: list[Heading] = []
    for heading, following in zip([None, *headings], [*headings, None], strict=True):
        if heading is not None:
            while path and path[-1].level >= heading.level:
                path.pop()
            path.append(heading)
        start = heading.span.end if heading else 0
        end = following.span.start if following else len(document.text)
        inside: list[Block] = []
        while block is not None and block.span.start < end:
            inside.append(block)
            block = next(blocks)
        has_parts = heading is not None and following is not None and following.level > heading.level
        titles = tuple(h.title for h in path)
        yield Section(heading, titles, _filled(document.text, start, end, inside), has_parts)


def _bounded(headings: Sequence[Heading]) -> Sequence[Heading]:
    """All headings; of an absurd number only the higher levels, so that chunks do not get as many."""
    deepest = max((h.level for h in headings), default=0)
    while len(headings) > MAX_HEADINGS:
        deepest -= 1
        headings = [h for h in headings if h.level <= deepest]
    return headings


def _filled(text: str, start: int, end: int, blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with the paragraphs between them."""
    whole: list[Block] = []
    position = start
    for block in blocks:
        whole += _paragraphs(text, position, block.span.start)
        clipped = Span(max(block.span.start, position), min(block.span.end, end))
        whole.append(Block(clipped, block.kind))
        position = clipped.end
    whole += _paragraphs(text, position, end)
    return whole


def _paragraphs(text: str, start: int, end: int) -> Iterator[Block]:
    for match in _PARAGRAPH_END.finditer(text, start, end):
        if match.start() > start:
            yield Block(Span(start, match.start()), "prose")
        start = match.end()
    if start < end and not text[start:end].isspace():
        yield Block(Span(start, end), "prose")
