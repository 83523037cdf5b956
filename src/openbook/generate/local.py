"""A model on this machine, whatever computes it: from a prompt's parts to tokens, one after the other."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np

from openbook.errors import OpenbookError, PromptTooLong
from openbook.generate.asked import checked, schema_text
from openbook.generate.constrain import Constraint, Grammar
from openbook.generate.pieces import Pieces
from openbook.generate.render import Rendering
from openbook.generate.sampling import Scores, choose, likeliest, log_probabilities
from openbook.generate.stop import until
from openbook.generate.template import read_object, token_text
from openbook.model.families.fields import Fields
from openbook.tokens import Tokenizer
from openbook.tokens.train import END_OF_TEXT
from openbook.values import Decoding, Prompt, Token

Feed: TypeAlias = Callable[[list[int]], Scores]
"""Ids that follow those fed before; (vocabulary,) logits of what comes next."""


@dataclass(frozen=True)
class LocalModel:
    """A ``LanguageModel``. begin: starts one text of at most so many tokens. ends: the ids that end a text.

    Several streams of one model may run side by side.
    """

    name: str
    context: int
    vocabulary: int
    begin: Callable[[int], Feed]
    tokenizer: Tokenizer
    rendering: Rendering
    ends: frozenset[int]

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        """Until the model ends the text, a stop text comes, or ``max_tokens`` or its context is full.

        A log-probability is the model's own, before temperature, top-k, top-p and schema. Raises OpenbookError.
        """
        constraint = None
        if checked(decoding).schema is not None:
            constraint = self._grammar.matching(schema_text(decoding))
        ids = self.ids_of(prompt)
        if not ids:
            raise OpenbookError("the prompt has no token that the model knows: give it some words")
        with closing(self._tokens(ids, decoding, constraint)) as found:
            yield from until(found, decoding.stop)

    def ids_of(self, prompt: Prompt) -> list[int]:
        """What the model reads. Raises PromptTooLong where its context does not hold it."""
        ids = self.rendering(prompt)
        over = len(ids) - self.context
        if over > 0:
            raise PromptTooLong(
                f"the prompt has {len(ids):,} tokens, {over:,} more than the model's context of"
                f" {self.context:,}: shorten it"
            )
        return ids

    def _tokens(self, ids: list[int], decoding: Decoding, constraint: Constraint | None) -> Generator[Token]:
        room = self.context - len(ids) + 1  # the last token is written, and not read any more
        count = min(decoding.max_tokens, room)
        feed = self.begin(len(ids) + count - 1)
        pieces, rng = Pieces(self.tokenizer), np.random.default_rng(decoding.seed)
        last: Token | None = None
        for _ in range(count):
            scores = feed(ids)
            number = choose(self._allowed(scores, constraint), decoding, rng)
            if number in self.ends:
                break
            if last is not None:
                yield last
            alternatives, logprobs = likeliest(scores, decoding.alternatives), log_probabilities(scores)
            named = tuple((self._named(pieces, each), float(logprobs[each])) for each in alternatives)
            last = Token(number, pieces.add(number), float(logprobs[number]), named)
            ids = [number]
            if constraint is not None:
                constraint.take(number)
                if constraint.done:
                    break
        if last is not None:  # kept back until here, for what the end leaves of a broken character
            yield Token(last.id, last.text + pieces.rest(), last.logprob, last.alternatives)

    def _allowed(self, scores: Scores, constraint: Constraint | None) -> Scores:
        """Without the rows of a padded embedding, which are no tokens, and what the schema rules out."""
        scores = np.where(self._pieced, scores, -np.inf)
        return scores if constraint is None else np.where(constraint.allowed(scores.size), scores, -np.inf)

    def _named(self, pieces: Pieces, number: int) -> str:
        return pieces.alone(number) if self._pieced[number] else ""

    @cached_property
    def _pieced(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        found = np.zeros(self.vocabulary, dtype=np.bool_)
        found[list(self.tokenizer.ids)] = True
        return found

    @cached_property
    def _grammar(self) -> Grammar:
        return Grammar(self.tokenizer, self.ends)


def ends_of(folder: Path, stated: Iterable[int], vocabulary: int, tokenizer: Tokenizer) -> frozenset[int]:
    """The ids that end a text. stated: by config.json; generation_config.json and tokenizer_config.json may name more.

    A model that names none may have GPT-2's.
    """
    named = Fields(read_object(folder / "generation_config.json"), str(folder))
    found = {*stated, *named.tokens("eos_token_id", vocabulary)}
    end = token_text(read_object(folder / "tokenizer_config.json").get("eos_token"))
    found |= {tokenizer.id_of(piece) for piece in (end,) if piece in tokenizer}
    if not found and END_OF_TEXT in tokenizer.control:
        found.add(tokenizer.id_of(END_OF_TEXT))
    return frozenset(found)
