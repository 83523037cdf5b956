"""A model on this machine, whatever computes it: from a prompt's parts to tokens, one after the other."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np

from openbook.errors import OpenbookError
from openbook.generate.asked import checked, schema_text
from openbook.generate.constrain import Grammar
from openbook.generate.engine import Rows, Text, one_by_one
from openbook.generate.fit import Fitted, fitted
from openbook.generate.lookup import looked_up
from openbook.generate.sampling import Scores
from openbook.generate.stop import until
from openbook.generate.template import read_object, token_text
from openbook.generate.writing import Vocabulary, Writing
from openbook.model.families.fields import Fields
from openbook.protocols import LanguageModel
from openbook.tokens import Tokenizer
from openbook.tokens.train import END_OF_TEXT
from openbook.values import Decoding, Prompt, Token

Begin: TypeAlias = Callable[[list[int], int], tuple[Text, Scores]]
"""A prompt, and how many tokens its text may come to; the text as read, and the logits of what follows."""

BeginRows: TypeAlias = Callable[[Sequence[list[int]], Sequence[int]], tuple[Rows, list[Scores]]]
"""The same of several, a row each."""


@dataclass(frozen=True)
class LocalModel:
    """A ``LanguageModel``. begin: reads a prompt. ends: the ids that end a text. rows: reads several prompts, where
    what a row comes to does not depend on the others. lookup: at temperature 0, draft what the text has said before.
    noise: how far off logits of a pass of several tokens are, in standard deviations; None where that is not known.

    Several streams of one model may run side by side.
    """

    name: str
    context: int
    vocabulary: int
    begin: Begin
    tokenizer: Tokenizer
    rendering: Callable[[Prompt], list[int]]
    ends: frozenset[int]
    rows: BeginRows | None = None
    noise: float | None = None
    lookup: bool = False

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        """Until the model ends the text, a stop text comes, or ``max_tokens`` or its context is full.

        A log-probability is the model's own, before temperature, top-k, top-p and schema. Raises OpenbookError.
        """
        writing = self.writing(prompt, decoding)
        with closing(self._tokens(writing)) as found:
            yield from until(found, decoding.stop)

    def fit(self, prompt: Prompt, decoding: Decoding) -> Fitted:
        """What of a prompt is read. Raises OpenbookError where it is too long and is not to slide."""
        return fitted(prompt, decoding, self.rendering, self.tokenizer, self.context)

    def writing(self, prompt: Prompt, decoding: Decoding) -> Writing:
        """An output before its first token. Raises OpenbookError for what cannot be asked."""
        constraint = None
        if checked(decoding).schema is not None:
            constraint = self._grammar.matching(schema_text(decoding))
        elif decoding.pattern is not None:
            constraint = self._grammar.matching_pattern(decoding.pattern)
        ids = self.fit(prompt, decoding).ids
        room = self.context - len(ids) + 1  # the last token is written, and not read any more
        return Writing(self._vocabulary, ids, decoding, room, constraint)

    def _tokens(self, writing: Writing) -> Generator[Token]:
        text, scores = self.begin(writing.ids, writing.room)
        if self.lookup and self.noise is not None and writing.greedy:
            yield from looked_up(text, scores, writing, self.noise)
        else:
            yield from one_by_one(text, scores, writing)
        yield writing.ending()

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        pieced = np.zeros(self.vocabulary, dtype=np.bool_)
        pieced[list(self.tokenizer.ids)] = True
        return Vocabulary(self.tokenizer, pieced, self.ends)

    @cached_property
    def _grammar(self) -> Grammar:
        return Grammar(self.tokenizer, self.ends)


def with_lookup(model: LanguageModel, decoding: Decoding) -> LocalModel:
    """The model with drafts looked up in the text. Raises OpenbookError where it cannot have them."""
    if decoding.temperature > 0:
        raise OpenbookError("drafts are looked up at temperature 0 alone: leave out the temperature, or --lookup")
    if not isinstance(model, LocalModel) or model.noise is None:
        raise OpenbookError("drafts are looked up by a model on this machine's CPU alone: leave out --lookup")
    return replace(model, lookup=True)


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
