"""What a strategy gives: an answer, the texts it came from, what was spent, and how the texts voted or scored."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens, and calls of the model. None where the engine does not say how many.

    prompt: of every prompt as often as it was sent. written: of all texts, without the token that ends one.
    """

    prompt: int | None
    written: int | None
    calls: int

    @property
    def total(self) -> int | None:
        return None if self.prompt is None or self.written is None else self.prompt + self.written

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(_sum(self.prompt, other.prompt), _sum(self.written, other.written), self.calls + other.calls)


@dataclass(frozen=True, slots=True)
class Reasoned:
    """answer: None where no text could be read. texts: in the order written; answers: what each was read as.

    vote: how many texts gave each answer, most first, empty where none was held. scores: one a text where texts were
    scored, -inf for one that cannot be read.
    """

    strategy: str
    answer: str | None
    texts: tuple[str, ...]
    answers: tuple[str | None, ...]
    spent: Spent
    vote: Mapping[str, int] = field(default_factory=dict[str, int])
    scores: tuple[float, ...] = ()

    @property
    def unread(self) -> int:
        """Texts without an answer that can be read."""
        return self.answers.count(None)

    @property
    def tied(self) -> tuple[str, ...]:
        """The answers with most votes where they are several; the answer taken is the one that came first."""
        most = max(self.vote.values(), default=0)
        first = tuple(answer for answer, count in self.vote.items() if count == most)
        return first if len(first) > 1 else ()


def _sum(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left + right
