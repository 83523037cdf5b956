"""Several answers of one model: seeds that follow each other, and log-probabilities only where all tokens have one."""

from collections.abc import Iterator

import pytest

from openbook.errors import OpenbookError
from openbook.generate.samples import MOST, samples
from openbook.values import TRUSTED, Decoding, Part, Prompt, Token

PROMPT: Prompt = (Part("Where?", TRUSTED, "user"),)


class Counting:
    """Says its seed, in two tokens. silent: the second has no log-probability."""

    name = "counting"

    def __init__(self, *, silent: bool = False) -> None:
        self.silent = silent

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        yield Token(1, f"seed {decoding.seed}", -0.5)
        yield Token(2, "!", None if self.silent else -0.25)


def test_each_sample_has_the_next_seed() -> None:
    found = samples(Counting(), PROMPT, 3, Decoding(temperature=1.0, seed=7))
    assert [one.text for one in found] == ["seed 7!", "seed 8!", "seed 9!"]
    assert {one.logprobs for one in found} == {(-0.5, -0.25)}


def test_log_probabilities_are_all_there_or_none() -> None:
    (only,) = samples(Counting(silent=True), PROMPT, 1, Decoding())
    assert only.logprobs is None


def test_an_engine_that_does_not_stop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(Counting):
        def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
            while True:
                yield Token(0, "ha" * 1000)

    (only,) = samples(Endless(), PROMPT, 1, Decoding())
    assert len(only.text) == 200_000


@pytest.mark.parametrize(
    ("n", "temperature", "told"), [(0, 1.0, "1 to"), (MOST + 1, 1.0, "1 to"), (2, 0.0, "the same")]
)
def test_what_cannot_be_sampled_is_refused(n: int, temperature: float, told: str) -> None:
    with pytest.raises(OpenbookError, match=told):
        samples(Counting(), PROMPT, n, Decoding(temperature=temperature))
