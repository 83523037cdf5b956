"""Text that was encoded so that a reader passes over it: base64, hex, escapes, percent signs, entities, rot13.

Each is decoded within bounds of size, number and depth, and only what reads as text is handed on, to be scored as any
other text is. A decoded text may hold another encoded one.
"""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable, Iterator
from math import log
from urllib.parse import unquote

from openbook.guard.finding import Unseen
from openbook.values import Span

MOST_PAYLOADS, MOST_CHARACTERS, DEEPEST = 200, 200_000, 3
"""Payloads of one text, characters decoded of one text in all, and encodings inside encodings."""

_LEAST, _READABLE = 8, 0.9
"""Characters of a decoded text, at least, and the share of them that text is made of."""

_BASE64 = re.compile(
    r"[\w+/-]{60,}(?:\n[\w+/-]{60,})*(?:\n[\w+/-]{4,}={0,2}$|={0,2})|[\w+/-]{24,}={0,2}", re.ASCII | re.MULTILINE
)
"""Also over several lines, as mail wraps it."""

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[ :\n]?){12,}")
_ESCAPES = re.compile(r"(?:\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[0-7]{3}){6,}")
_PERCENT = re.compile(r"(?:[\w.~+-]{0,40}%[0-9A-Fa-f]{2}){4,}[\w.~+-]{0,400}")
_ENTITIES = re.compile(r"(?:&#(?:x[0-9A-Fa-f]{1,6}|[0-9]{1,7});[ \t]?){6,}")
_ONE_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\([0-7]{3})")
_LINE = re.compile(r"[^\n]{24,4000}")

# Letters of English text, per thousand (Lewand 2000): enough to tell a line from its rot13.
_LETTERS = dict(
    zip("abcdefghijklmnopqrstuvwxyz", map(float, (
        82, 15, 28, 43, 127, 22, 20, 61, 70, 1.5, 7.7, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 9.8, 24, 1.5, 20, 0.7,
    )), strict=True)
)  # fmt: skip
_ROTATED_BETTER = 0.35
"""By how much of a nat a letter rot13 must be the likelier reading; English against its own rot13 is at about 1."""


def encoded(text: str) -> Iterator[Unseen]:
    """What payloads of the text say, with the place of the outermost one."""
    waiting = [(text, Span(0, len(text)), "", 0)]
    payloads = characters = 0
    while waiting:
        said, whole, path, depth = waiting.pop()
        for span, name, decoded in _decoded_in(said):
            payloads += 1
            characters += len(decoded)
            if payloads > MOST_PAYLOADS or characters > MOST_CHARACTERS:
                return
            outer, named = (whole, f"{path}, {name}") if depth else (span, name)
            if _reads(decoded):
                yield Unseen("encoded", outer, named, decoded)
            if depth + 1 < DEEPEST and decoded.isprintable():
                waiting.append((decoded, outer, named, depth + 1))


def _decoded_in(text: str) -> Iterator[tuple[Span, str, str]]:
    for pattern, name, decode in _ENCODINGS:
        for found in pattern.finditer(text):
            decoded = decode(found[0])
            if decoded is not None and len(decoded) >= _LEAST:
                yield Span(*found.span()), name, decoded


def _reads(text: str) -> bool:
    """Whether this may be words: some are blanks, and most are signs of text."""
    if not re.search(r"\w\W+\w", text):
        return False
    signs = sum(c.isalnum() or c.isspace() or (c.isascii() and c.isprintable()) for c in text)
    letters = sum(c.isalpha() or c == " " for c in text)
    return signs >= _READABLE * len(text) and letters >= 0.5 * len(text)


def _text(data: bytes) -> str | None:
    try:
        return data[:MOST_CHARACTERS].decode("utf-8")
    except UnicodeDecodeError:
        return None


def _of_base64(run: str) -> str | None:
    packed = "".join(run.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return _text(base64.b64decode(packed[: len(packed) - (len(packed) % 4 == 1)] + "=" * (-len(packed) % 4 % 3)))
    except (binascii.Error, ValueError):
        return None


def _of_hex(run: str) -> str | None:
    return _text(bytes.fromhex(re.sub(r"[ :\n]", "", run)))


def _of_escapes(run: str) -> str:
    return _ONE_ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16) if m[1] or m[2] else int(m[3], 8)), run)


def _of_rot13(line: str) -> str | None:
    letters = [c for c in line.lower() if c in _LETTERS]
    if len(letters) < 20:
        return None
    turned = codecs.encode("".join(letters), "rot13")
    gain = sum(log(_LETTERS[b] / _LETTERS[a]) for a, b in zip(letters, turned, strict=True))
    return codecs.encode(line, "rot13") if gain > _ROTATED_BETTER * len(letters) else None


_ENCODINGS: tuple[tuple[re.Pattern[str], str, Callable[[str], str | None]], ...] = (
    (_BASE64, "base64", _of_base64),
    (_HEX, "hex", _of_hex),
    (_ESCAPES, "escapes", _of_escapes),
    (_PERCENT, "percent signs", unquote),
    (_ENTITIES, "entities", html.unescape),
    (_LINE, "rot13", _of_rot13),
)
