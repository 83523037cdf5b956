"""Several answers of one language model to one prompt, with their tokens' log-probabilities where it says them."""

from dataclasses import dataclass, replace

from openbook.errors import OpenbookError
from openbook.generate.text import MOST_CHARACTERS
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Prompt

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
    return [_drawn(model, prompt, replace(decoding, seed=decoding.seed + number)) for number in range(n)]


def _drawn(model: LanguageModel, prompt: Prompt, decoding: Decoding) -> Sample:
    pieces: list[str] = []
    logprobs: list[float] = []
    said, length = True, 0
    for token in model.stream(prompt, decoding):
        if token.nothing:
            break
        pieces.append(token.text)
        length += len(token.text)
        said = said and token.logprob is not None
        logprobs.append(token.logprob or 0.0)
        if length >= MOST_CHARACTERS:
            break
    return Sample("".join(pieces)[:MOST_CHARACTERS], tuple(logprobs) if said and logprobs else None)
