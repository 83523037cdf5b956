"""What judging will take, before it is begun: calls, tokens and money; and time, once a few calls were timed."""

from collections.abc import Iterable
from dataclasses import dataclass

from openbook.evaluate.judge.ask import Judge, Tally, prompt_length
from openbook.values import Decoding, Prompt

REPLY_TOKENS = 10
STEPS_TOKENS = 150
"""What a filled form comes to."""

TIMED = 3
"""Calls after which the time of the others is told."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """calls: not recorded yet; recorded: those that are."""

    calls: int
    recorded: int
    tokens_in: int
    tokens_out: int

    def plus(self, other: "Estimate", times: int = 1) -> "Estimate":
        """Both together, the other's calls made so often."""
        return Estimate(
            self.calls + times * other.calls,
            self.recorded + other.recorded,
            self.tokens_in + times * other.tokens_in,
            self.tokens_out + times * other.tokens_out,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """steps: for evaluation steps, written once for a criterion. judgements: one call for each score, two for a pair.
    samples: scores drawn besides where the model gives no log-probabilities; 0 for pairs, which are never drawn.
    """

    steps: Estimate
    judgements: Estimate
    samples: int

    @property
    def once(self) -> Estimate:
        """With log-probabilities."""
        return self.steps.plus(self.judgements)

    @property
    def drawn(self) -> Estimate:
        """Without them."""
        return self.steps.plus(self.judgements, 1 + self.samples)


@dataclass(frozen=True, slots=True)
class Prices:
    """Per million tokens, in whatever money."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def of(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6


FREE = Prices()


def money(amount: float) -> str:
    """``1,234.50``; below 1, three significant digits, as ``0.0123``; ``under 0.0001``."""
    if 0 < amount < 0.0001:
        return "under 0.0001"
    return f"{amount:,.2f}" if amount >= 1 else f"{amount:.3g}"


def estimated(judge: Judge, questions: Iterable[tuple[Prompt, Decoding]]) -> Estimate:
    """Asks nothing of the model. Equal questions are one; a reply that must be asked for twice is not foreseen."""
    seen: set[str] = set()
    calls = recorded = tokens_in = tokens_out = 0
    for prompt, decoding in questions:
        key = judge.key(prompt, decoding)
        if key in seen:
            continue
        seen.add(key)
        if judge.recorded(key):
            recorded += 1
            continue
        calls += 1
        tokens_in += prompt_length(prompt, judge.length)
        tokens_out += min(decoding.max_tokens, STEPS_TOKENS if decoding.max_tokens > 100 else REPLY_TOKENS)
    return Estimate(calls, recorded, tokens_in, tokens_out)


def seconds_left(tally: Tally, done: int, total: int) -> float | None:
    """From the calls so far; None before ``TIMED`` of them. done, total: judgements, of which some needed no call."""
    if tally.calls < TIMED or not done:
        return None
    return tally.seconds / done * (total - done)
