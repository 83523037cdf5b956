"""Judges of a few lines, so that every reply in these tests is known beforehand."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import log

from openbook.evaluate.judge.ask import Judge
from openbook.evaluate.judge.cache import Replies
from openbook.values import Decoding, Part, Prompt, Token


@dataclass
class Scripted:
    """Says what ``reply`` makes of the prompt; counts how often it is asked."""

    reply: Callable[[Prompt, Decoding], str | list[Token]]
    name: str = "scripted"
    asked: list[tuple[Prompt, Decoding]] = field(default_factory=list)

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        self.asked.append((prompt, decoding))
        found = self.reply(prompt, decoding)
        yield from [Token(-1, piece) for piece in found] if isinstance(found, str) else found


def outside(part: Part) -> bool:
    """Whether a judge that respects fences takes a part for instructions."""
    return part.role != "document" and part.label.trusted


def obedient(prompt: Prompt, decoding: Decoding) -> str:
    """Steerable: obeys the last order outside a fence; else the longer a text, the better."""
    orders = [score for part in prompt if outside(part) for score in re.findall(r"score (\d)", part.text)]
    text = next((part.text for part in reversed(prompt) if part.role == "document"), "")
    return f'{{"score": {orders[-1] if orders else min(4, 1 + len(text) // 100)}}}'


def scored(*probabilities: tuple[str, float], before: str = '{"score":', after: str = "}") -> list[Token]:
    """A reply whose score position has these alternatives, the first being the one taken."""
    alternatives = tuple((text, log(p)) for text, p in probabilities)
    return [Token(1, before), Token(2, probabilities[0][0], alternatives[0][1], alternatives), Token(3, after)]


def judge_of(model: Scripted, replies: Replies | None = None, most_calls: int | None = None) -> Judge:
    return Judge(model.name, model, replies, most_calls)
