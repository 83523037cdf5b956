"""Several answers of one language model to one prompt, with their tokens' log-probabilities where it says them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openbook.errors import OpenbookError
from openbook.generate.many import many
from openbook.generate.text import MOST_CHARACTERS
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Prompt, Token

MOST = 1000
"""Samples of one prompt at most."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer. logprobs: of its tokens at temperature 1, natural logarithms; None where the engine does not say."""

    text: str
    logprobs: tuple[float, ...] | None


def samples(model: LanguageModel, prompt: Prompt, n: int, decoding: Decoding) -> list[Sample]:
    """``n`` answers, with the seeds ``decoding.seed`` and those that follow: the same call gives the same answers.

    Raises OpenbookError for no or too many samples, and for several at temperature 0, which would all be one.
    """
    if not 1 <= n <= MOST:
        raise OpenbookError(f"{n} samples cannot be drawn: ask for 1 to {MOST}")
    if n > 1 and decoding.temperature == 0:
        raise OpenbookError("at temperature 0 all samples are the same: set a temperature above 0, such as 1")
    seeds = range(decoding.seed, decoding.seed + n)
    return [_sample(tokens) for tokens in many(model, [(prompt, replace(decoding, seed=seed)) for seed in seeds])]


def _sample(tokens: Sequence[Token]) -> Sample:
    written = [token for token in tokens if not token.nothing]
    text = "".join(token.text for token in written)[:MOST_CHARACTERS]
    logprobs = [token.logprob for token in written if token.logprob is not None]
    return Sample(text, tuple(logprobs) if logprobs and len(logprobs) == len(written) else None)
