"""The source of a page cut into tags, comments and texts, each with its place: what a parser's tree does not keep.

One pass, as browsers read: what is never closed goes to the end of the page. Time is linear in the page's length.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Literal, TypeAlias

from openbook.values import Span

Kind: TypeAlias = Literal["open", "close", "comment", "text"]

_NAME = re.compile(r"</?([a-zA-Z][^\s/>]*)")
_ATTRIBUTE = re.compile(
    r"""[\s/]*(?:(?P<end>>)|(?P<name>[^\s/>][^\s/>=]*)(?:\s*=\s*(?:"(?P<double>[^"]*)(?:"|\Z)"""
    r"""|'(?P<single>[^']*)(?:'|\Z)|(?P<bare>[^\s>"'][^\s>]*)?))?)"""
)
_RAW = frozenset("script style textarea title xmp iframe noembed noframes".split())
"""Elements whose text is no markup."""

_MOST_ATTRIBUTES = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """text: of a text or comment as it stands in the source; name: of a tag, in lower case."""

    kind: Kind
    span: Span
    text: str = ""
    name: str = ""
    attributes: Mapping[str, "Value"] = field(default_factory=dict[str, "Value"])


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute's value with its entities resolved, and where it stands in the source."""

    text: str
    span: Span


def pieces(source: str) -> Iterator[Piece]:
    """All of the source, in order."""
    at = start = 0
    raw = ""
    while at < len(source):
        at = source.find("<", at)
        if at < 0:
            break
        if raw:
            closing = re.compile(f"</{raw}", re.IGNORECASE).search(source, at)
            at = closing.start() if closing else len(source)
            raw = ""
            if at == len(source):
                break
        found = _one(source, at)
        if found is None:
            at += 1
            continue
        if start < at:
            yield Piece("text", Span(start, at), source[start:at])
        yield found
        at = start = found.span.end
        raw = found.name if found.kind == "open" and found.name in _RAW else ""
    if start < len(source):
        yield Piece("text", Span(start, len(source)), source[start:])


def _one(source: str, at: int) -> Piece | None:
    if source.startswith("<!--", at):
        end = source.find("-->", at + 4)
        inner = end if end >= 0 else len(source)
        return Piece("comment", Span(at, min(inner + 3, len(source))), source[at + 4 : inner])
    if source.startswith(("<!", "<?"), at):
        end = source.find(">", at)
        inner = end if end >= 0 else len(source)
        return Piece("comment", Span(at, min(inner + 1, len(source))), source[at + 2 : inner])
    name = _NAME.match(source, at)
    return None if name is None else _tag(source, at, name)


def _tag(source: str, at: int, name: re.Match[str]) -> Piece:
    attributes: dict[str, Value] = {}
    end = name.end()
    while found := _ATTRIBUTE.match(source, end):
        end = found.end()
        if found["end"]:
            break
        for kind in ("double", "single", "bare"):
            if found[kind] is not None and len(attributes) < _MOST_ATTRIBUTES:
                attributes.setdefault(found["name"].lower(), Value(unescape(found[kind]), Span(*found.span(kind))))
        if len(attributes) < _MOST_ATTRIBUTES:
            attributes.setdefault(found["name"].lower(), Value("", Span(*found.span("name"))))
    else:
        end = len(source)
    opens = source[at + 1] != "/"
    return Piece("open" if opens else "close", Span(at, end), "", name[1].lower(), attributes if opens else {})
