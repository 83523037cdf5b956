"""One question to the judge: from the cache where it was asked before, else from the model, held to a bound."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from openbook.errors import OpenbookError
from openbook.evaluate.judge.cache import Replies, key_of
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Prompt, Token

MOST_CHARACTERS = 20_000
"""Of one reply, whatever an engine sends."""

Length: TypeAlias = Callable[[str], int]
"""How many tokens a text is."""


class NotRecorded(OpenbookError):
    """A replay met a question that was never asked."""


class TooManyCalls(OpenbookError):
    """More calls than were agreed to."""


@dataclass(slots=True)
class Tally:
    """What was asked so far. seconds: of the calls alone. tokens_in is by ``length``; tokens_out, as they came."""

    calls: int = 0
    cached: int = 0
    seconds: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0


def by_characters(text: str) -> int:
    """Four characters a token: what English comes to, where no tokenizer is known."""
    return -(-len(text) // 4)


def prompt_length(prompt: Prompt, length: Length) -> int:
    return sum(length(part.text) for part in prompt)


@dataclass(frozen=True, slots=True)
class Judge:
    """name: the model's, under which replies are kept. model: None for a replay. most_calls: None for no bound."""

    name: str
    model: LanguageModel | None
    replies: Replies | None = None
    most_calls: int | None = None
    length: Length = by_characters
    tally: Tally = field(default_factory=Tally)

    def ask(self, prompt: Prompt, decoding: Decoding) -> tuple[Token, ...]:
        """Raises NotRecorded, TooManyCalls, or what the engine raises."""
        key = self.key(prompt, decoding)
        kept = self.replies.get(key) if self.replies else None
        if kept is not None:
            self.tally.cached += 1
            return kept
        if self.model is None:
            raise NotRecorded("a reply is not recorded: judge without --replay to ask for it")
        if self.most_calls is not None and self.tally.calls >= self.most_calls:
            raise TooManyCalls(
                f"{self.tally.calls:,} calls are made and more are needed: add --yes to go on from there"
            )
        tokens = self._call(self.model, prompt, decoding)
        return self.replies.put(key, self.name, tokens) if self.replies else tokens

    def recorded(self, key: str) -> bool:
        """Whether the reply to a question of this key is kept."""
        return self.replies is not None and self.replies.has(key)

    def key(self, prompt: Prompt, decoding: Decoding) -> str:
        return key_of(self.name, prompt, decoding)

    def _call(self, model: LanguageModel, prompt: Prompt, decoding: Decoding) -> tuple[Token, ...]:
        tokens: list[Token] = []
        characters, began = 0, time.perf_counter()
        for token in model.stream(prompt, decoding):
            if token.nothing:
                break
            tokens.append(token)
            characters += len(token.text)
            if len(tokens) >= decoding.max_tokens or characters >= MOST_CHARACTERS:
                break
        self.tally.calls += 1
        self.tally.seconds += time.perf_counter() - began
        self.tally.tokens_in += prompt_length(prompt, self.length)
        self.tally.tokens_out += len(tokens)
        return tuple(tokens)
