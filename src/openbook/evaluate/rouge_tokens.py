"""ROUGE's words as whole numbers, for many texts in one pass: lower-case runs of a to z and digits, line by line."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

import numpy as np

from openbook.errors import MissingExtra
from openbook.evaluate.ngrams import Ints

SHORTEST_STEMMED = 4

_KEPT = b"abcdefghijklmnopqrstuvwxyz0123456789"
_MARK = b"\0"
"""What stands for the end of a line among the words."""

_TABLE = bytes(_MARK[0] if byte == ord("\n") else byte if byte in _KEPT else ord(" ") for byte in range(256))


@dataclass(frozen=True, slots=True)
class Cut:
    """Texts as numbers, the same for the same word. ids: the words of all texts, one after another. sizes: words of
    each text. lines: lines of each text; words: words of each line of all texts.
    """

    ids: Ints
    sizes: Ints
    lines: Ints
    words: Ints

    def sentences(self, text: int) -> list[list[int]]:
        """The words of each line of one text."""
        first = int(self.lines[:text].sum())
        ends = int(self.words[:first].sum()) + np.cumsum(self.words[first : first + int(self.lines[text])])
        begins = ends - self.words[first : first + len(ends)]
        return [self.ids[begin:end].tolist() for begin, end in zip(begins, ends, strict=True)]


def cut(texts: Sequence[str], *, stem: bool = False) -> Cut:
    """Anything but letters and digits parts words, and a line break parts sentences, too. Raises MissingExtra for
    ``stem`` without the package ``nltk``.
    """
    none = np.zeros(0, np.int64)
    if not texts:
        return Cut(none, none, none, none)
    lines = np.fromiter((text.count("\n") + 1 for text in texts), np.int64, len(texts))
    # No byte of a character beyond ASCII is one of ASCII's, so that bytes can be told apart one by one.
    plain = "\n".join(texts).lower().encode("utf-8", "surrogatepass").translate(_TABLE)
    found = plain.replace(_MARK, b" %b " % _MARK).split()
    known: defaultdict[bytes, int] = defaultdict(None, {_MARK: 0})
    known.default_factory = known.__len__
    ids = np.fromiter(map(known.__getitem__, found), np.int64, len(found))
    ends = np.flatnonzero(ids == 0)
    words = np.diff(ends, prepend=-1, append=len(ids)) - 1
    if stem:
        ids = _stemmed(list(known))[ids]
    return Cut(ids[ids > 0], np.add.reduceat(words, np.cumsum(lines) - lines), lines, words)


def _stemmed(known: Sequence[bytes]) -> Ints:
    """For the number of each word that of its stem; the mark, which comes first, stays 0."""
    porter = _porter()
    numbers: dict[str, int] = {}
    words = [word.decode("ascii") for word in known]
    stems = [porter(word) if len(word) >= SHORTEST_STEMMED else word for word in words]
    return np.array([numbers.setdefault(stem, len(numbers)) for stem in stems], np.int64)


@cache
def _porter() -> Callable[[str], str]:
    try:
        from nltk.stem.porter import PorterStemmer  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise MissingExtra("the stemmer", "eval") from error
    stem: Callable[[str], str] = cast("Any", PorterStemmer)().stem
    return lru_cache(maxsize=2**18)(stem)
