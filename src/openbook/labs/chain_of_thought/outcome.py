"""What the experiment found, as values, and the tests between what was tried on the same problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openbook.evaluate.intervals import Interval, wilson
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.labs.chain_of_thought.ways import BEST, STEPS, VOTE, Tried, Way


@dataclass(frozen=True, slots=True)
class Outcome:
    """trained: the most operations of a training problem. tokens: read in training by every model. weights: of each.

    direct, worked: by number of operations, which problems were answered rightly by the model trained on answers alone,
    and by that trained on steps. ways: strategies on problems of ``asked`` operations.
    """

    trained: int
    tokens: int
    weights: int
    asked: int
    temperature: float
    direct: Mapping[int, Sequence[bool]]
    worked: Mapping[int, Sequence[bool]]
    ways: Mapping[Way, Tried]


@dataclass(frozen=True, slots=True)
class Compared:
    """difference: of the shares right, first minus second; p: that there is none, after Holm over all compared."""

    first: str
    second: str
    difference: float
    p: float


def share(right: Sequence[bool]) -> Interval:
    """With Wilson's interval over problems."""
    return wilson(sum(right), len(right))


def by_steps(outcome: Outcome) -> list[Compared]:
    """Steps against answers alone, at every number of operations."""
    return _compared([(f"{k}", outcome.worked[k], "", outcome.direct[k]) for k in outcome.worked])


def against_steps(outcome: Outcome) -> dict[Way, Compared]:
    """Every other way against a single chain of thought at temperature 0."""
    plain = outcome.ways[Way(STEPS)]
    others = {way: found for way, found in outcome.ways.items() if way != Way(STEPS)}
    compared = _compared([(way.shown, found.right, STEPS, plain.right) for way, found in others.items()])
    return dict(zip(others, compared, strict=True))


def vote_against_best(outcome: Outcome) -> list[Compared]:
    """The same texts, decided by their number or by the likeliest of them."""
    ns = [way.n for way in outcome.ways if way.strategy == BEST]
    return _compared(
        [(f"{n}", outcome.ways[Way(VOTE, n)].right, Way(BEST, n).shown, outcome.ways[Way(BEST, n)].right) for n in ns]
    )


def _compared(pairs: Sequence[tuple[str, Sequence[bool], str, Sequence[bool]]]) -> list[Compared]:
    tests = [
        paired_randomisation([float(r) for r in first], [float(r) for r in second]) for _, first, _, second in pairs
    ]
    adjusted = holm([test.p_value for test in tests])
    return [
        Compared(name, other, test.difference, p)
        for (name, _, other, _), test, p in zip(pairs, tests, adjusted, strict=True)
    ]
