r"""GPT-2's cut of a text into words, each with the space before it: no merge ever crosses a cut.

The pattern is Radford et al.'s (2019, ``encoder.py``):
``'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+``. Python's ``re`` has no ``\p{L}`` and
another ``\s``, so these classes are written out from ``unicodedata``, once. A character newer than this Python's
Unicode may be cut otherwise by a library with newer tables.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import groupby

PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?[{L}]+| ?[{N}]+| ?[^{S}{L}{N}]+|[{S}]+(?![^{S}])|[{S}]+"
"""Contractions; letters, numbers and the rest, each with at most one space before; white space, the last of it left to
the word that follows."""

WHITE_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode's White_Space as members of a class: without \x1c to \x1f, which Python's ``\\s`` would add."""


def spans(text: str) -> list[tuple[int, int]]:
    """[start, end) of each word: they follow one another and cover the text."""
    return [match.span() for match in compiled().finditer(text)]


@cache
def compiled() -> re.Pattern[str]:
    """The pattern with its classes written out: L letters, N numbers, S white space."""
    codes: dict[str, list[int]] = {"L": [], "N": []}
    for code in range(sys.maxunicode + 1):
        kind = unicodedata.category(chr(code))[0]
        if kind in codes:
            codes[kind].append(code)
    source = PATTERN.replace("{S}", WHITE_SPACE)
    for kind, members in codes.items():
        source = source.replace(f"{{{kind}}}", _ranges(members))
    return re.compile(source)


def _ranges(codes: Iterable[int]) -> str:
    """Sorted codes as ``a-z`` ranges: along a run of neighbours, code minus place stays the same."""
    runs = [[code for _, code in run] for _, run in groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0])]
    return "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in runs)
