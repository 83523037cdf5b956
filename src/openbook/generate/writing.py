"""One output in the making: each place's scores in, the token that is chosen there out, until something ends it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.generate.constrain import Constraint
from openbook.generate.pieces import Pieces
from openbook.generate.sampling import Scores, choose, likeliest, log_probabilities, repetition_penalty
from openbook.generate.stop import ending
from openbook.tokens import Tokenizer
from openbook.values import Decoding, Token


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a model can write. pieced: (vocabulary,), false for rows of a padded embedding, which are no tokens.

    ends: the ids that end a text.
    """

    tokenizer: Tokenizer
    pieced: NDArray[np.bool_]
    ends: frozenset[int]


class Writing:
    """``ids`` grows from the prompt's, ``finish`` is None until nothing can follow. room: tokens that still fit."""

    def __init__(
        self, vocabulary: Vocabulary, prompt: list[int], decoding: Decoding, room: int, constraint: Constraint | None
    ) -> None:
        self.ids = list(prompt)
        self.finish: str | None = None
        self._vocabulary, self._decoding, self._constraint = vocabulary, decoding, constraint
        self._left = min(decoding.max_tokens, room)
        self._cut = "max_tokens" if decoding.max_tokens <= room else "context"
        self._pieces, self._rng = Pieces(vocabulary.tokenizer), np.random.default_rng(decoding.seed)

    @property
    def left(self) -> int:
        """How many tokens may still follow."""
        return self._left if self.finish is None else 0

    @property
    def stretch(self) -> float:
        """How much farther apart two logits may be than the model has them, or nearer."""
        return max(self._decoding.repetition_penalty, 1 / self._decoding.repetition_penalty)

    @property
    def greedy(self) -> bool:
        return self._decoding.temperature == 0

    @property
    def room(self) -> int:
        """How many tokens an engine comes to read: all but the last that is written."""
        return len(self.ids) + self._left - 1

    def __call__(self, scores: Scores) -> Token | None:
        """The token that follows, None for one that ends the text. scores: the model's own logits of this place."""
        number = choose(self.allowed(scores), self._decoding, self._rng)
        if number in self._vocabulary.ends:
            self.finish = "end"
            return None
        places, logprobs = likeliest(scores, self._decoding.alternatives), log_probabilities(scores)
        named = tuple((self._named(each), float(logprobs[each])) for each in places)
        token = Token(number, self._pieces.add(number), float(logprobs[number]), named)
        self.ids.append(number)
        self._left -= 1
        if self._constraint is not None:
            self._constraint.take(number)
        if self._constraint is not None and self._constraint.done:
            self.finish = "end"
        elif not self._left:
            self.finish = self._cut
        return token

    def allowed(self, scores: Scores) -> Scores:
        """What is chosen among: what repeats made less likely, and -inf for what is no token or ruled out."""
        scores = repetition_penalty(scores, self.ids, self._decoding.repetition_penalty)
        scores = np.where(self._vocabulary.pieced, scores, -np.inf)
        return scores if self._constraint is None else np.where(self._constraint.allowed(scores.size), scores, -np.inf)

    def ending(self) -> Token:
        """Why it ended, with what that leaves of a broken character."""
        return ending(self.finish or "end", self._pieces.rest())

    def _named(self, number: int) -> str:
        return self._pieces.alone(number) if self._vocabulary.pieced[number] else ""
