"""Texts of a model for one prompt, with what they cost."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from openbook.errors import OpenbookError
from openbook.generate.local import LocalModel
from openbook.generate.reasoning.outcome import Spent
from openbook.generate.reasoning.prompts import Example, Wording
from openbook.generate.reasoning.reading import Reading, number
from openbook.generate.samples import Sample, samples
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Prompt

MOST_TEXTS = 256
"""Of one question."""

MOST_WRITTEN = 1_000_000
"""Tokens of all texts of one question together."""


class _Usage(Protocol):
    """As ``openbook.generate.remote`` keeps it, which needs an extra to be imported."""

    @property
    def answers(self) -> int: ...
    @property
    def tokens_in(self) -> int: ...
    @property
    def tokens_out(self) -> int: ...


@runtime_checkable
class _Counted(Protocol):
    @property
    def usage(self) -> _Usage: ...


@dataclass(frozen=True, slots=True)
class How:
    """What all strategies share. examples: shown before the question by those that reason, and needed by few-shot."""

    decoding: Decoding = field(default_factory=lambda: Decoding(max_tokens=512))
    reading: Reading = number
    wording: Wording = field(default_factory=Wording)
    examples: tuple[Example, ...] = ()


def texts_of(model: LanguageModel, prompt: Prompt, n: int, decoding: Decoding) -> tuple[list[Sample], Spent]:
    """``n`` texts with seeds that follow each other. Raises OpenbookError for more than the bounds."""
    if not 1 <= n <= MOST_TEXTS:
        raise OpenbookError(f"{n} texts of one question cannot be written: ask for 1 to {MOST_TEXTS}")
    if n * decoding.max_tokens > MOST_WRITTEN:
        raise OpenbookError(
            f"{n} texts of {decoding.max_tokens:,} tokens may exceed {MOST_WRITTEN:,}: ask for fewer or shorter"
        )
    before = _usage_of(model)
    found = samples(model, prompt, n, decoding)
    after = _usage_of(model)
    if before is not None and after is not None and after.answers - before.answers == n:
        return found, Spent(after.tokens_in - before.tokens_in, after.tokens_out - before.tokens_out, n)
    return found, spent_on(model, prompt, found)


def spent_on(model: LanguageModel, prompt: Prompt, found: list[Sample]) -> Spent:
    """What texts cost where no server counts: a model on this machine can count its prompt's tokens."""
    read = len(model.rendering(prompt)) * len(found) if isinstance(model, LocalModel) else None
    counts = [None if sample.logprobs is None and sample.text else len(sample.logprobs or ()) for sample in found]
    known = [count for count in counts if count is not None]
    return Spent(read, sum(known) if len(known) == len(counts) else None, len(found))


def _usage_of(model: LanguageModel) -> _Usage | None:
    """What a server has counted for this model so far."""
    return model.usage if isinstance(model, _Counted) else None
