"""Where an output ends, and why: at a stop text, also where it is spread over several tokens, or as the engine says."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from openbook.values import Token


def ending(finish: str, text: str = "") -> Token:
    """What an engine gives after its last token. text: what still belongs to that one."""
    return Token(-1, text, finish=finish)


def until(tokens: Iterable[Token], stops: Sequence[str]) -> Iterator[Token]:
    """The tokens before the stop text that is complete first; of a token that it begins within, the part before it.

    A token is held back for as long as its text may turn out to belong to a stop text, and the last of those that do
    not until the next, as it may be the one to say why the output ends.
    """
    held: deque[Token] = deque()
    text = ""
    for token in tokens:
        text += token.text
        if token.finish is not None and held:
            last = held.pop()
            held.append(replace(last, text=last.text + token.text, finish=token.finish))
        else:
            held.append(token)
        complete = [(at + len(stop), at) for stop in stops if (at := text.find(stop)) >= 0]
        if complete:
            *before, last = list(_before(held, min(complete)[1])) or [ending("stop")]
            yield from (*before, replace(last, finish="stop"))
            return
        sure = len(text) - _undecided(text, stops)
        while len(held) > 1 and len(held[0].text) + len(held[1].text) <= sure:
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
        if start >= end and token.text:
            return
        yield replace(token, text=token.text[: end - start])
        start += len(token.text)
