"""The auditor's reading of a web page: its text without what a browser, or one reading aloud, passes over."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from openbook.answer.audit_markup import Token, tokens
from openbook.answer.audit_nesting import left_by_end, left_by_start, opens
from openbook.answer.audit_text import ENCODINGS

_PASSED_OVER = frozenset(
    "annotation annotation-xml audio button canvas datalist del iframe map nav noscript object rp rt s script select"
    " strike style svg template textarea title video".split()
)
_ROLES = frozenset("menu menubar navigation search toolbar".split())
_NO_WORDS = frozenset({"script", "style"})
_SIGNS = frozenset("# § ¶ 🔗".split())
"""All that a heading's link to itself holds."""

_ALONE = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"
"""Elements that hold nothing in HTML, either."""

_FEW = 8
"""Pieces of text in such a link at most: many links that never end are not to be read again for each."""

_MEANT = {"iso8859-1": "cp1252", "gb2312": "gb18030", "shift_jis": "cp932"}
"""What pages that declare an older encoding are in."""


def html_readings(data: bytes) -> Iterator[str]:
    """What is seen; then all text but code, as broken markup may hide less than its tags say."""
    for markup in _texts(data):
        without_nul = _spelt_out(markup.replace("\0", "\ufffd"))
        yield _text(tokens(without_nul), is_seen=True)
        yield _text(tokens(without_nul), is_seen=False)


def _spelt_out(markup: str) -> str:
    """A page in XML as HTML would write it: elements that end where they begin closed, CDATA as plain characters."""
    if "<?xml" not in markup[:200] and "xmlns" not in markup[:2048]:
        return markup
    parts = re.split(r"<!\[CDATA\[(.*?)\]\]>", markup, flags=re.DOTALL)
    parts[1::2] = [part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for part in parts[1::2]]
    return re.sub(rf"<(?!(?:{_ALONE})\b)([a-zA-Z][^\s/<>]*)([^<>]*)/>", r"<\1\2></\1>", "".join(parts))


def _texts(data: bytes) -> Iterator[str]:
    """The page in the encoding that it declares and in UTF-8, and only where it is not that in any other."""
    if b"\0" in data[:256]:
        for wide in ("utf-32", "utf-16", "utf-16-le", "utf-16-be"):
            yield data.decode(wide, "replace")
    declared = re.search(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", data[:2048], re.IGNORECASE)
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name if declared else "utf-8"
        if name != "utf-8":
            yield data.decode(_MEANT.get(name, name))
    except (UnicodeError, LookupError):
        pass
    try:
        yield data.decode("utf-8-sig")
    except UnicodeError:
        for encoding in ENCODINGS:
            yield data.decode(encoding, "replace")


@dataclass(slots=True)
class _Page:
    """pieces: the text so far. tags: of the open elements; begins: where in ``pieces`` each began.

    hidden: the depth of the outermost open element that is passed over, or -1.
    """

    pieces: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    begins: list[int] = field(default_factory=list[int])
    hidden: int = -1

    def open(self, tag: str, *, is_hidden: bool) -> None:
        if is_hidden and self.hidden < 0:
            self.hidden = len(self.tags)
        self.tags.append(tag)
        self.begins.append(len(self.pieces))

    def close_to(self, depth: int, *, drops_signs: bool) -> None:
        """Leaves only this many elements open."""
        for tag, begin in zip(self.tags[depth:], self.begins[depth:], strict=True):
            is_short = tag == "a" and len(self.pieces) - begin <= _FEW
            if drops_signs and is_short and "".join(self.pieces[begin:]).strip() in _SIGNS:
                del self.pieces[begin:]
        del self.tags[depth:], self.begins[depth:]
        if self.hidden >= depth:
            self.hidden = -1


def _text(page: Iterator[Token], *, is_seen: bool) -> str:
    """What is seen, or else all but code."""
    so_far = _Page()
    for token in page:
        tag = token.tag
        if not tag:
            if so_far.hidden < 0:
                so_far.pieces.append(token.text)
        elif token.is_end:
            so_far.close_to(left_by_end(so_far.tags, tag), drops_signs=is_seen)
        else:
            so_far.close_to(left_by_start(so_far.tags, tag), drops_signs=is_seen)
            if not token.is_empty and opens(so_far.tags, tag):
                so_far.open(tag, is_hidden=_is_passed_over(token) if is_seen else tag in _NO_WORDS)
    so_far.close_to(0, drops_signs=is_seen)
    return "".join(so_far.pieces)


def _is_passed_over(token: Token) -> bool:
    given = token.attributes
    style = re.sub(r"\s", "", given.get("style", "").lower())
    return (
        token.tag in _PASSED_OVER
        or "hidden" in given
        or (token.tag == "dialog" and "open" not in given)
        or given.get("role", "").lower() in _ROLES
        or any(rule in style for rule in ("display:none", "visibility:hidden", "visibility:collapse"))
    )
