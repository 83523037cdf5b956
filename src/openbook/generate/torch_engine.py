"""A decoder checkpoint at work on torch: one token after the other, with all keys and values kept.

Any folder that ``openbook.model.load`` reads, with its tokenizer, whether it was trained here or elsewhere.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from openbook import tokens
from openbook.errors import OpenbookError
from openbook.generate.asked import checked, schema_text
from openbook.generate.constrain import Constraint, Grammar
from openbook.generate.folder_digest import folder_digest
from openbook.generate.pieces import Pieces
from openbook.generate.render import Rendering, opening_of
from openbook.generate.sampling import Scores, choose, likeliest, log_probabilities
from openbook.generate.stop import until
from openbook.generate.template import find_template, read_object, token_text
from openbook.model import Decoder
from openbook.model.cache import Cache
from openbook.model.checkpoint import load
from openbook.model.families.fields import Fields
from openbook.model.inputs import check_vocabulary
from openbook.tokens import Tokenizer
from openbook.tokens.train import END_OF_TEXT
from openbook.values import Decoding, Prompt, Token

_PREFILL = 1_024
"""Tokens of a prompt that are read in one pass: memory for the feed-forward layers does not grow with the prompt."""


@dataclass(frozen=True)
class TorchModel:
    """A ``LanguageModel``. ends: the ids that end a text. Several streams of one model may run side by side."""

    name: str
    decoder: Decoder
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
        ids = self.rendering(prompt)
        over = len(ids) - self.decoder.config.context
        if over > 0:
            raise OpenbookError(
                f"the prompt has {len(ids):,} tokens, {over:,} more than the model's context of"
                f" {self.decoder.config.context:,}: shorten it"
            )
        if not ids:
            raise OpenbookError("the prompt has no token that the model knows: give it some words")
        with closing(self._tokens(ids, decoding, constraint)) as found:
            yield from until(found, decoding.stop)

    def _tokens(self, ids: list[int], decoding: Decoding, constraint: Constraint | None) -> Generator[Token]:
        room = self.decoder.config.context - len(ids) + 1  # the last token is written, and not read any more
        count = min(decoding.max_tokens, room)
        cache = self.decoder.cache(1, len(ids) + count - 1)
        pieces, rng = Pieces(self.tokenizer), np.random.default_rng(decoding.seed)
        last: Token | None = None
        for _ in range(count):
            scores = next_scores(self.decoder, ids, cache)
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
        found = np.zeros(self.decoder.config.vocabulary, dtype=np.bool_)
        found[list(self.tokenizer.ids)] = True
        return found

    @cached_property
    def _grammar(self) -> Grammar:
        return Grammar(self.tokenizer, self.ends)


@torch.inference_mode()
def next_scores(decoder: Decoder, ids: list[int], cache: Cache) -> Scores:
    """Logits of what follows these ids, which follow those in the cache: (vocabulary,)."""
    device = decoder.embedding.weight.device
    hidden = torch.empty(0)
    for start in range(0, len(ids), _PREFILL):
        hidden = decoder(torch.tensor([ids[start : start + _PREFILL]], device=device), cache=cache)
    return decoder.logits(hidden[0, -1]).double().cpu().numpy()


def open_torch(folder: Path, device: str | None = None) -> TorchModel:
    """The model of a folder, on a GPU where torch sees one. Raises OpenbookError where that is no decoder."""
    model, _ = load(folder)
    if not isinstance(model, Decoder):
        raise OpenbookError(f"{folder} holds an encoder, which writes nothing: give the folder of a decoder")
    tokenizer = tokens.load(folder)
    check_vocabulary(model.config, tokenizer.size)
    rendering = Rendering(tokenizer, find_template(folder), opening_of(tokenizer))
    name = f"torch:{folder.resolve().name}@{folder_digest(folder)[:16]}"
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    return TorchModel(name, model.to(place), tokenizer, rendering, _ends(folder, model, tokenizer))


def _ends(folder: Path, model: Decoder, tokenizer: Tokenizer) -> frozenset[int]:
    """By config.json, generation_config.json and tokenizer_config.json; a model that names none may have GPT-2's."""
    named = Fields(read_object(folder / "generation_config.json"), str(folder))
    found = {*model.config.ends, *named.tokens("eos_token_id", model.config.vocabulary)}
    end = token_text(read_object(folder / "tokenizer_config.json").get("eos_token"))
    found |= {tokenizer.id_of(piece) for piece in (end,) if piece in tokenizer}
    if not found and END_OF_TEXT in tokenizer.control:
        found.add(tokenizer.id_of(END_OF_TEXT))
    return frozenset(found)
