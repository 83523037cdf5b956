"""What a language model wrote, on the terminal or as JSON, and why it ended."""

import math
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from openbook.cli.progress import errors, say
from openbook.cli.screen import plural, visible
from openbook.values import Token


def said_of(tokens: Sequence[Token]) -> dict[str, Any]:
    """The text, why it ended, and each token, as JSON has it."""
    return {
        "text": "".join(token.text for token in tokens),
        "finish": tokens[-1].finish if tokens else None,
        "tokens": [
            {"id": token.id, "text": token.text, "logprob": token.logprob, "alternatives": token.alternatives}
            for token in tokens
            if not token.nothing
        ],
    }


def show(tokens: Iterable[Token]) -> list[Token]:
    """Each piece at once, and how fast they came where a person looks; all of them, for who needs them whole."""
    kept: list[Token] = []
    begin, count, last = time.monotonic(), 0, ""
    for token in tokens:
        kept.append(token)
        sys.stdout.write(visible(token.text))
        sys.stdout.flush()
        begin, count, last = (begin if count else time.monotonic()), count + (not token.nothing), token.text or last
    if not last.endswith("\n"):
        sys.stdout.write("\n")
        sys.stdout.flush()
    if errors.is_terminal and count > 1:
        cut = ", all that --max-tokens allows" if kept[-1].finish == "max_tokens" else ""
        say(f"{plural(count, 'token')}{cut}, {(count - 1) / max(time.monotonic() - begin, 1e-9):,.0f} a second")
    _tell(kept)
    return kept


def show_places(tokens: Iterable[Token]) -> list[Token]:
    """A line for each token: its probability, and the likeliest at its place with theirs."""
    kept: list[Token] = []
    for token in tokens:
        kept.append(token)
        if not token.nothing:
            others = "  ".join(f"{_quoted(text)} {_share(logprob)}" for text, logprob in token.alternatives)
            sys.stdout.write(f"{_quoted(token.text):<16} {_share(token.logprob)}   of {others or '-'}\n")
            sys.stdout.flush()
    _tell(kept)
    return kept


def _tell(tokens: Sequence[Token]) -> None:
    """An end that nobody asked for."""
    finish = tokens[-1].finish if tokens else None
    if finish == "context":
        say("the model's context is full, so the text ends here")
    elif finish not in (None, "end", "stop", "max_tokens"):
        say(f"the server ended the text: {finish}")


def _quoted(text: str) -> str:
    return visible(repr(text))


def _share(logprob: float | None) -> str:
    return "    -" if logprob is None else f"{math.exp(logprob):.3f}"
