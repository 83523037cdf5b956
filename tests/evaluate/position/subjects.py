"""Made subjects whose dependence on position is known: what a probe must find, and what it must not."""

import hashlib
from collections.abc import Callable, Iterator, Sequence

from openbook.evaluate.position.probe import Probe, Subject
from openbook.values import Decoding, Part, Prompt, Token


def told_where(probes: Sequence[Probe], chance: Callable[[float], float]) -> Subject:
    """Answers a probe with a chance that depends on its depth, by a hash of what is asked: the same every time."""
    known = {(probe.parts, probe.question): probe for probe in probes}

    def subject(parts: Sequence[Part], question: str) -> str:
        probe = known[tuple(parts), question]
        drawn = int(hashlib.sha256(f"{probe.item} {probe.length} {probe.depth}".encode()).hexdigest()[:8], 16) / 2**32
        return f"It is {probe.references[0]}." if drawn < chance(probe.depth) else "I cannot find that."

    return subject


class Scripted:
    """A language model that says what a function makes of the whole prompt's text, word by word."""

    name = "scripted"

    def __init__(self, say: Callable[[str], str]) -> None:
        self.say = say
        self.seen: list[Prompt] = []

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        self.seen.append(prompt)
        for word in self.say("\n".join(part.text for part in prompt)).split(" "):
            yield Token(-1, word + " ")
