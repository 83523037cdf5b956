"""Texts of a model for one prompt, with what they cost."""

from dataclasses import dataclass, field

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
    found = samples(model, prompt, n, decoding)
    return found, spent_on(model, prompt, found)


def spent_on(model: LanguageModel, prompt: Prompt, found: list[Sample]) -> Spent:
    """A model on this machine counts its prompt's tokens; a server's are not known before it has answered."""
    read = len(model.rendering(prompt)) * len(found) if isinstance(model, LocalModel) else None
    counts = [None if sample.logprobs is None and sample.text else len(sample.logprobs or ()) for sample in found]
    known = [count for count in counts if count is not None]
    return Spent(read, sum(known) if len(known) == len(counts) else None, len(found))
