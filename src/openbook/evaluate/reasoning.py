"""Strategies measured on questions whose answers are known: shares right, what they spend, and which differ.

Answers are compared in the spelling that a reading gives both, so that 1,000 is 1000 and "(B)" is B.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from openbook.evaluate.intervals import Interval, wilson
from openbook.evaluate.significance import holm, paired_randomisation


@dataclass(frozen=True, slots=True)
class Given:
    """What one strategy gave to one question. answer: None where nothing could be read. prompt, written: tokens, None
    where the engine does not say; calls: of the model. tied: whether several answers had most votes.
    """

    answer: str | None
    prompt: int | None
    written: int | None
    calls: int
    tied: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """One strategy on all questions. unread: those without a readable answer. prompt, written: tokens a question."""

    strategy: str
    right: Interval
    unread: int
    tied: int
    prompt: float | None
    written: float | None
    calls: float
    outcomes: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The share right of the first less that of the second, and p of no difference after Holm over all pairs."""

    first: str
    second: str
    difference: float
    p: float


def measured(wanted: Sequence[str], given: Mapping[str, Sequence[Given]]) -> list[Measured]:
    """wanted: the answers, in the order of questions; given: by strategy, in the same order."""
    return [_measured(name, wanted, own) for name, own in given.items()]


def differences(found: Sequence[Measured]) -> list[Difference]:
    """Every pair of strategies, by paired randomisation over questions."""
    pairs = [(one, other) for place, one in enumerate(found) for other in found[place + 1 :]]
    tests = [paired_randomisation(_floats(one), _floats(other)) for one, other in pairs]
    adjusted = holm([test.p_value for test in tests])
    return [
        Difference(one.strategy, other.strategy, test.difference, p)
        for (one, other), test, p in zip(pairs, tests, adjusted, strict=True)
    ]


def _measured(name: str, wanted: Sequence[str], own: Sequence[Given]) -> Measured:
    outcomes = tuple(one.answer == answer for one, answer in zip(own, wanted, strict=True))
    return Measured(
        name,
        wilson(sum(outcomes), len(outcomes)),
        sum(one.answer is None for one in own),
        sum(one.tied for one in own),
        _mean([one.prompt for one in own]),
        _mean([one.written for one in own]),
        fmean(one.calls for one in own),
        outcomes,
    )


def _mean(counts: Sequence[int | None]) -> float | None:
    known = [count for count in counts if count is not None]
    return fmean(known) if len(known) == len(counts) else None


def _floats(one: Measured) -> list[float]:
    return [float(right) for right in one.outcomes]
