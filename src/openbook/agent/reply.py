"""What a model says to a prompt: bounded in tokens, characters, seconds, under the label of all that it was shown."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from openbook.agent.budget import Spending
from openbook.errors import OpenbookError, PromptTooLong
from openbook.guard.labelled import label_of
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Label, Prompt

MOST_CHARACTERS = 100_000
MOST_SECONDS = 600.0
"""Of one reply, looked at between tokens: an engine that hangs within one has time limits of its own."""


@dataclass(frozen=True, slots=True)
class Reply:
    """label: of the prompt. read, wrote: tokens; those read are guessed from characters, four a token. cut: whether a
    bound ended it, rather than the model."""

    text: str
    label: Label
    read: int
    wrote: int
    cut: bool


Heard = Callable[[Reply], None]
"""Told of every reply, as a budget is. It may raise, which ends whatever was asked for."""


def unheard(_: Reply) -> None:
    """For whoever counts nothing."""


def charging(spending: Spending) -> Heard:
    """Counts tokens as spent; whoever takes the next step or call notices that there are none left."""
    return lambda reply: spending.charge(tokens=reply.read + reply.wrote)


def replied(model: LanguageModel, prompt: Prompt, decoding: Decoding, heard: Heard = unheard) -> Reply:
    """Where the engine cannot hold its output to the schema, it is asked without: whoever asks checks what comes.

    Raises OpenbookError, in one line, for a model that cannot be reached, and PromptTooLong.
    """
    try:
        reply = _streamed(model, prompt, decoding)
    except PromptTooLong:
        raise
    except OpenbookError as error:
        if decoding.schema is None or "schema" not in str(error):  # a server that is down is not asked twice
            raise
        reply = _streamed(model, prompt, replace(decoding, schema=None))
    heard(reply)
    return reply


def _streamed(model: LanguageModel, prompt: Prompt, decoding: Decoding) -> Reply:
    pieces: list[str] = []
    characters, finish, until = 0, None, time.monotonic() + MOST_SECONDS
    for count, token in enumerate(model.stream(prompt, decoding), start=1):
        pieces.append(token.text)
        characters += len(token.text)
        finish = token.finish
        if finish is None and (  # an engine may heed no bound, and may send tokens without text for ever
            count >= decoding.max_tokens + 1 or characters >= MOST_CHARACTERS or time.monotonic() > until
        ):
            finish = "max_tokens"
            break
    text = "".join(pieces)[:MOST_CHARACTERS]
    read = -(-sum(len(part.text) for part in prompt) // 4)
    return Reply(text, label_of(prompt), read, len(pieces), finish in ("max_tokens", "context"))
