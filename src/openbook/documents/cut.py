"""Measuring text in tokens, and cutting what has too many of them."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from openbook.values import Span

TokenSpans = Callable[[str], Sequence[tuple[int, int]]]
"""A text's tokens as (start, end) in its code points, in order."""

_CHARACTERS_A_TOKEN = 32
"""A chunk holds at most this many characters for each token of the budget: encoded data may be one token a megabyte."""

_USUAL_CHARACTERS_A_TOKEN = 8
_MOST_COMBINING = 16


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of text that is not cut again. begins_anew: the first of a block too large for one chunk."""

    span: Span
    tokens: int
    begins_anew: bool = False


@dataclass(frozen=True, slots=True)
class Ruler:
    """Counts the tokens of ranges of one text."""

    text: str
    token_spans: TokenSpans
    budget: int

    @property
    def most_characters(self) -> int:
        return self.budget * _CHARACTERS_A_TOKEN

    def count(self, span: Span) -> int:
        return len(self.token_spans(span.of(self.text)))

    def token_starts(self, span: Span) -> list[int]:
        """Where in the text each token of the span begins."""
        return [span.start + start for start, _ in self.token_spans(span.of(self.text))]


def trimmed(text: str, start: int, end: int) -> Span | None:
    """text[start:end] without the blanks around it, or None where there is nothing else."""
    piece = text[start:end]
    inner = piece.strip()
    if not inner:
        return None
    start += len(piece) - len(piece.lstrip())
    return Span(start, start + len(inner))


def cut(ruler: Ruler, span: Span) -> Iterator[Unit]:
    """Units of a span that is over the budget: cut at a blank if there is one, else at a sign, else between tokens."""
    start = span.start
    while start < span.end:
        stop = _token_stop(ruler, start, span.end)
        if stop < span.end:
            stop = _better(ruler.text, start, stop)
        piece = trimmed(ruler.text, start, stop)
        # a word cut in two may have more tokens than before: take less until it fits
        while piece is not None and stop - start > 1 and (tokens := ruler.count(piece)) > ruler.budget:
            stop = start + max(1, min(stop - start - 1, (stop - start) * ruler.budget // tokens))
            piece = trimmed(ruler.text, start, stop)
        if piece is not None:
            yield Unit(piece, ruler.count(piece))
        start = stop


def _token_stop(ruler: Ruler, start: int, end: int) -> int:
    """Where the token after the last affordable one begins; looks only as far ahead as that needs."""
    ahead = ruler.budget * _USUAL_CHARACTERS_A_TOKEN
    while True:
        window = min(end, start + min(ahead, ruler.most_characters))
        found = ruler.token_spans(ruler.text[start:window])
        if len(found) > ruler.budget:
            return max(start + 1, start + found[ruler.budget][0])
        if window == end or ahead >= ruler.most_characters:
            return window
        ahead *= 4


def _better(text: str, start: int, stop: int) -> int:
    """A blank in the second half, else a sign there, else ``stop``, but never between a letter and its accent."""
    middle = start + (stop - start + 1) // 2
    after_sign = 0
    for at in range(stop, middle, -1):
        if text[at].isspace() or text[at - 1].isspace():
            return at
        if not after_sign and unicodedata.category(text[at - 1])[0] == "P":
            after_sign = at
    if after_sign:
        return after_sign
    for at in range(stop, max(start, stop - _MOST_COMBINING), -1):
        if not unicodedata.combining(text[at]) and text[at] not in "\u200d\ufe0e\ufe0f" and text[at - 1] != "\u200d":
            return at
    return stop
