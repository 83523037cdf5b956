"""What of a source its reader sees, as one text, and the way from its characters to those of the source."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from openbook.guard.page_text import PageText
from openbook.values import Span

NEAR = 300
"""Characters on each side that tell what a hidden text stands in."""


@dataclass(frozen=True, slots=True)
class Shown:
    """spans, starts: where each piece of ``text`` stands in the source and where it begins in ``text``; none where the
    two are the same character by character."""

    text: str
    spans: Sequence[Span] = ()
    starts: Sequence[int] = ()

    def place(self, span: Span) -> Span:
        """In the source; a piece with entities in it is not divided."""
        if not self.spans:
            return span
        start = self._at(span.start, end=False)
        return Span(start, max(self._at(span.end, end=True), start))

    def around(self, span: Span) -> tuple[str, str]:
        """What is shown before and after a stretch of the source."""
        before, after = span.start, span.end
        if self.spans:
            ends = bisect_right(self.spans, span.start, key=lambda piece: piece.end)
            begins = bisect_left(self.spans, span.end, key=lambda piece: piece.start)
            before, after = (self.starts[n] if n < len(self.starts) else len(self.text) for n in (ends, begins))
        return self.text[max(before - NEAR, 0) : before], self.text[after : after + NEAR]

    def _at(self, position: int, *, end: bool) -> int:
        number = max(bisect_right(self.starts, position - end) - 1, 0)
        span, start = self.spans[number], self.starts[number]
        following = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text)
        if following - start != span.end - span.start:
            return span.end if end else span.start
        return span.start + position - start


def shown_of(page: PageText) -> Shown:
    starts: list[int] = []
    length = 0
    for _, said in page.seen:
        starts.append(length)
        length += len(said)
    return Shown("".join(said for _, said in page.seen), [span for span, _ in page.seen], starts)
