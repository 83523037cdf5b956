"""HTML cut into tags and text by the standard's rules for tokens, for the auditor alone."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_BLANK = r"[ \t\n\f\r]"
_ATTRIBUTE = (
    rf"(=?[^ \t\n\f\r/>=]+|=)(?:{_BLANK}*+={_BLANK}*+"
    r"""(?:"([^"]*)(?:"|\Z)|'([^']*)(?:'|\Z)|([^ \t\n\f\r>"'][^ \t\n\f\r>]*)|(?=>)))?+"""
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*>?|</[^a-zA-Z][^>]*>?"
    rf"|<(?P<slash>/?)(?P<tag>[a-zA-Z][^ \t\n\f\r/>]*)(?P<attributes>(?:[ \t\n\f\r/]++|{_ATTRIBUTE})*+)>?",
    re.DOTALL,
)
_UNPARSED = frozenset("script style xmp iframe noembed noframes textarea title plaintext".split())
"""Elements that end only at their own end tag, whatever tags they seem to hold."""

_DRAWINGS = frozenset({"math", "svg"})
_CDATA = "<![CDATA["


@dataclass(frozen=True, slots=True)
class Token:
    """Text where ``tag`` is empty, else the beginning or end of an element, or one that is both (``<path/>``)."""

    text: str = ""
    tag: str = ""
    is_end: bool = False
    is_empty: bool = False
    attributes: dict[str, str] = field(default_factory=dict[str, str])


def tokens(markup: str) -> Iterator[Token]:
    """Comments, declarations and instructions are left out.

    Only in a drawing or formula does a slash make an element empty, and is CDATA text rather than a comment.
    """
    position = 0
    drawing = ""
    while match := _TAG.search(markup, position):
        yield Token(text=html.unescape(markup[position : match.start()]))
        position = match.end()
        if drawing and match[0].startswith(_CDATA):
            end = markup.find("]]>", match.start())
            position = end + 3 if end >= 0 else len(markup)
            yield Token(text=markup[match.start() + len(_CDATA) : end if end >= 0 else position])
        if not match["tag"]:
            continue
        tag = match["tag"].lower()
        is_end = bool(match["slash"])
        if tag in _DRAWINGS:
            drawing = "" if is_end else drawing or tag
        written = match["attributes"]
        is_empty = bool(drawing) and written.endswith("/") and _ATTRIBUTES.sub("", written).endswith("/")
        yield Token(tag=tag, is_end=is_end, is_empty=is_empty, attributes=_attributes(written))
        if tag in _UNPARSED and not is_end and not is_empty:
            end = _end_of(tag, markup, position)
            yield Token(text=markup[position:end])
            position = end
        if is_empty and tag == drawing:
            drawing = ""
    yield Token(text=html.unescape(markup[position:]))


def _end_of(tag: str, markup: str, position: int) -> int:
    end = re.compile(rf"</{tag}(?=[ \t\n\f\r/>])", re.IGNORECASE).search(markup, position)
    return end.start() if end and tag != "plaintext" else len(markup)


def _attributes(written: str) -> dict[str, str]:
    """By name; of two with one name the first counts."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTES.findall(written):
        found.setdefault(name.lower(), html.unescape("".join(values)))
    return found
