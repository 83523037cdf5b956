"""The terminal: how wide it is, what may be printed on it, and how a source is named there."""

import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from openbook.index.location import here, is_url
from openbook.report.plural import plural as plural

WIDTH = 100
PIPED_WIDTH = 80

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def console() -> Console:
    """Plain and 80 wide when piped, at most 100 wide on a terminal."""
    found = Console(highlight=False, emoji=False, markup=False)
    width = min(found.width, WIDTH) if found.is_terminal else PIPED_WIDTH
    return Console(highlight=False, emoji=False, markup=False, width=width)


def visible(text: str) -> str:
    """Control characters and direction overrides shown as \ufffd: a document must not drive the terminal."""
    return _UNSAFE.sub("\ufffd", text)


def one_line(text: str) -> str:
    return " ".join(visible(text).split())


def where(uri: str, place: str, roots: Sequence[Path]) -> str:
    """``notes/a.md:12``, ``paper.pdf, page 3`` or a URL: the way a person finds it, from where they stand."""
    name = one_line(uri if is_url(uri) else short(Path(uri), roots))
    line = place.removeprefix("line ")
    return f"{name}:{line}" if line != place else f"{name}, {place}" if place else name


def short(path: Path, roots: Sequence[Path]) -> str:
    """Relative to where the person stands when below it, else to the source's parent, else whole."""
    for root in (here(), *(root.parent for root in roots)):
        if root is not None and path.is_relative_to(root):
            return str(path.relative_to(root))
    return str(path)
