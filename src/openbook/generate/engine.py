"""What an engine gives a local model: one text in its memory that grows and can be taken back, or several rows."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.generate.sampling import Scores
from openbook.generate.writing import Writing
from openbook.values import Token

ScoreRows: TypeAlias = NDArray[np.float64]
"""(rows, vocabulary)"""


class Text(Protocol):
    """One text, as far as it was read."""

    def feed(self, ids: Sequence[int], wanted: int = 1) -> ScoreRows:
        """Logits of what follows each of the last ``wanted`` of these ids, which follow those fed before."""
        ...

    def forget(self, used: int) -> None:
        """Go back to the first so many tokens."""
        ...


class Rows(Protocol):
    """Several texts of different lengths, which grow by one token each at a time."""

    def step(self, ids: Sequence[int | None]) -> ScoreRows:
        """Logits of what follows, row by row; of a row that has ended, where None is fed, they mean nothing."""
        ...

    def keep(self, rows: Sequence[int]) -> None:
        """Only these rows, in this order."""
        ...


def one_by_one(text: Text, scores: Scores, writing: Writing) -> Iterator[Token]:
    """Each token read before the next is chosen. scores: of what follows the prompt, which was read."""
    while True:
        token = writing(scores)
        if token is not None:
            yield token
        if not writing.left:
            return
        (scores,) = text.feed(writing.ids[-1:])
