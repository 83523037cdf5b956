"""What the experiment found, as values, and the tests between what was tried on the same problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openbook.evaluate.intervals import Interval, wilson
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.labs.chain_of_thought.mends import Noticed
from openbook.labs.chain_of_thought.ways import (
    BEST,
    MENDS,
    MENDS_DRAWN,
    REWARDED,
    STEPS,
    UNMENDED,
    VOTE,
    WEIGHTED,
    Tried,
    Way,
)

Right = Mapping[int, Sequence[bool]]
"""By number of operations, whether each problem was answered rightly."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """trained: the most operations of a training problem. tokens: read in training by every model. weights: of each.

    direct, worked, mended: by number of operations, which problems were answered rightly by the models trained on
    answers alone, on steps, and on steps that are mended. ways: strategies on problems of ``asked`` operations.
    """

    trained: int
    tokens: int
    weights: int
    asked: int
    temperature: float
    direct: Right
    worked: Right
    mended: Right
    ways: Mapping[Way, Tried]
    noticed: Mapping[str, Noticed]
    pairs: int
    judged: Mapping[int, Sequence[bool]]

    @property
    def preferred(self) -> list[bool]:
        """Of all pairs."""
        return [right for some in self.judged.values() for right in some]


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
    others = [way for way in outcome.ways if way != Way(STEPS)]
    return dict(zip(others, _ways(outcome, [(way, Way(STEPS)) for way in others]), strict=True))


def against_drawn(outcome: Outcome) -> dict[Way, Compared]:
    """Every other way that draws its texts against a single chain of thought drawn at the same temperature."""
    one = Way(VOTE, 1)
    others = [way for way in outcome.ways if way.n > 1 or way in (Way(MENDS_DRAWN), Way(UNMENDED))]
    return dict(zip(others, _ways(outcome, [(way, one) for way in others]), strict=True))


def against_vote(outcome: Outcome) -> dict[Way, Compared]:
    """The same texts, decided by a score or by their number."""
    others = [way for way in outcome.ways if way.strategy in (BEST, REWARDED, WEIGHTED)]
    return dict(zip(others, _ways(outcome, [(way, Way(VOTE, way.n)) for way in others]), strict=True))


def of_mends(outcome: Outcome) -> list[Compared]:
    """Self-correction against plain steps at temperature 0 and drawn, against itself without its word, and the drawn
    one against plain steps at temperature 0.
    """
    drawn = Way(MENDS_DRAWN)
    pairs = [(Way(MENDS), Way(STEPS)), (drawn, Way(VOTE, 1)), (drawn, Way(UNMENDED)), (drawn, Way(STEPS))]
    return _ways(outcome, pairs)


def _ways(outcome: Outcome, pairs: Sequence[tuple[Way, Way]]) -> list[Compared]:
    found = outcome.ways
    return _compared([(one.shown, found[one].right, two.shown, found[two].right) for one, two in pairs])


def _compared(pairs: Sequence[tuple[str, Sequence[bool], str, Sequence[bool]]]) -> list[Compared]:
    tests = [
        paired_randomisation([float(r) for r in first], [float(r) for r in second]) for _, first, _, second in pairs
    ]
    adjusted = holm([test.p_value for test in tests])
    return [
        Compared(name, other, test.difference, p)
        for (name, _, other, _), test, p in zip(pairs, tests, adjusted, strict=True)
    ]
