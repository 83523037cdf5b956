"""A language model that says what it is told to, and keeps every prompt that it was shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from openbook.values import Decoding, Prompt, Token

Line = str | Callable[[Prompt], str]


@dataclass
class Scripted:
    """lines: taken in order, the last for ever; a function makes its line of the prompt."""

    lines: Sequence[Line]
    prompts: list[Prompt] = field(default_factory=list)
    asked: list[Decoding] = field(default_factory=list)
    name: str = "scripted"

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        line = self.lines[min(len(self.prompts), len(self.lines) - 1)]
        self.prompts.append(prompt)
        self.asked.append(decoding)
        said = line if isinstance(line, str) else line(prompt)
        yield from (Token(-1, said[place : place + 40]) for place in range(0, len(said), 40))
        yield Token(-1, "", finish="end")
