"""Every address that a page or a Markdown text links to or loads, with the words shown for it and its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from openbook.guard.markup import Piece, pieces
from openbook.guard.unseen_markdown import without_code
from openbook.values import Span

LONGEST_ADDRESS, _LONGEST_WORDS = 10_000, 1_000

_LOADED = frozenset(("src", "srcset", "background", "poster", "data", "ping"))
_FOLLOWED = frozenset(("href", "action", "formaction", "xlink:href"))
_SIGN = r"\{[^{}\n]{0,100}\}|\[[^\]\n]{0,100}\]|[^\s)]"
"""Of an address; also blanks, where they stand within a place to be filled in."""

_MARKED = re.compile(
    rf"\]\([ \t]*(?:<(?P<angled>[^>\n]{{1,{LONGEST_ADDRESS}}})>|(?P<plain>(?!<)(?:{_SIGN}){{1,{LONGEST_ADDRESS}}}))"
)
_REFERENCE = re.compile(
    rf"^ {{0,3}}\[([^\]\n]{{1,999}})\]:[ \t]*<?(?P<plain>[^\s>]{{1,{LONGEST_ADDRESS}}})", re.MULTILINE
)
_STYLE = re.compile(rf"url\(\s*[\"']?([^\s\"')]{{1,{LONGEST_ADDRESS}}})")


@dataclass(frozen=True, slots=True)
class Address:
    """loaded: a reader's program fetches it by itself, as it does an image. words: what is shown for it, or nothing."""

    url: str
    span: Span
    loaded: bool
    words: str = ""


def addresses_in_html(source: str) -> Iterator[Address]:
    link: Address | None = None
    words: list[str] = []
    for piece in pieces(source):
        if piece.kind == "text":
            words.append(piece.text[:_LONGEST_WORDS])
        elif piece.kind == "close" and piece.name == "a" and link is not None:
            yield replace(link, words=" ".join("".join(words).split()))
            link = None
        elif piece.kind == "open":
            if piece.name == "a":
                if link is not None:
                    yield link
                link, words = next(_of_tag(piece, "href"), None), []
                continue
            yield from _of_tag(piece, *piece.attributes)
    if link is not None:
        yield link


def _of_tag(piece: Piece, *names: str) -> Iterator[Address]:
    for name in names:
        value = piece.attributes.get(name)
        if value is None:
            continue
        text = value.text[:LONGEST_ADDRESS]
        if name == "style":
            yield from (Address(found[1], value.span, loaded=True) for found in _STYLE.finditer(text))
        elif name in _LOADED or (name == "href" and piece.name == "link"):
            yield Address(text.strip(), value.span, loaded=True)
        elif name in _FOLLOWED:
            yield Address(text.strip(), value.span, loaded=False)


def addresses_in_markdown(text: str) -> Iterator[Address]:
    plain = without_code(text)
    for found in _MARKED.finditer(plain):
        kind = "angled" if found["angled"] else "plain"
        start = plain.rfind("[", max(found.start() - _LONGEST_WORDS, 0), found.start())
        words = plain[start + 1 : found.start()] if start >= 0 else ""
        pictured = "](" in words  # a link around an image, whose own words these are
        loaded = plain[start - 1 : start] == "!" and not pictured
        yield Address(found[kind], Span(*found.span(kind)), loaded, "" if loaded or pictured else words)
    for found in _REFERENCE.finditer(plain):
        yield Address(found["plain"], Span(*found.span("plain")), loaded=False)
    yield from addresses_in_html(plain)
