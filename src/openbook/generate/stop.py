"""Stop texts: where one begins, the output ends, also where it is spread over several tokens."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from openbook.values import Token


def until(tokens: Iterable[Token], stops: Sequence[str]) -> Iterator[Token]:
    """The tokens before the stop text that is complete first; of a token that it begins within, the part before it.

    A token is held back for as long as its text may turn out to belong to a stop text.
    """
    held: deque[Token] = deque()
    text = ""
    for token in tokens:
        held.append(token)
        text += token.text
        complete = [(at + len(stop), at) for stop in stops if (at := text.find(stop)) >= 0]
        if complete:
            yield from _before(held, min(complete)[1])
            return
        sure = len(text) - _undecided(text, stops)
        while held and len(held[0].text) <= sure:
            first = held.popleft()
            sure -= len(first.text)
            text = text[len(first.text) :]
            yield first
    yield from held


def _undecided(text: str, stops: Sequence[str]) -> int:
    """How many characters at the text's end a stop text may have begun with."""
    return max(
        (n for stop in stops for n in range(1, min(len(stop), len(text) + 1)) if text.endswith(stop[:n])), default=0
    )


def _before(tokens: Iterable[Token], end: int) -> Iterator[Token]:
    start = 0
    for token in tokens:
        if start >= end:
            return
        yield replace(token, text=token.text[: end - start])
        start += len(token.text)
