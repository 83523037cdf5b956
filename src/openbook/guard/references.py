"""Character references of HTML and Markdown, ``&#x202e;`` or ``&zwnj;``, read as the characters that they show.

Only those that stand for characters beyond ASCII: no sign that is hidden is among the others, and an ``&lt;`` that were
read here would become markup.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from html import unescape

from openbook.values import Span

_REFERENCE = re.compile(r"&(?:#[xX][0-9a-fA-F]{1,8}|#[0-9]{1,9}|[A-Za-z][A-Za-z0-9]{1,31});")


@dataclass(frozen=True, slots=True)
class Read:
    """text: with the references read. starts: where each of their characters stands in ``text``; spans: where in the
    source each reference does.
    """

    text: str
    starts: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()

    def place(self, span: Span) -> Span:
        """Where a stretch of ``text`` stands in the source."""
        return Span(self._at(span.start).start, self._at(span.end - 1).end)

    def _at(self, position: int) -> Span:
        number = bisect_right(self.starts, position) - 1
        if number < 0:
            return Span(position, position + 1)
        beyond = position - self.starts[number]
        after = self.spans[number].end + beyond - 1
        return Span(after, after + 1) if beyond else self.spans[number]


def read(source: str) -> Read:
    """One pass: what a reference gives is not read again."""
    parts: list[str] = []
    starts: list[int] = []
    spans: list[Span] = []
    done = length = 0
    for found in _REFERENCE.finditer(source):
        said = unescape(found[0])
        if len(said) != 1 or said.isascii():  # two characters come of a few names, none of which is hidden
            continue
        parts += [source[done : found.start()], said]
        length += found.start() - done
        starts.append(length)
        spans.append(Span(*found.span()))
        length, done = length + 1, found.end()
    return Read("".join([*parts, source[done:]]), tuple(starts), tuple(spans))
