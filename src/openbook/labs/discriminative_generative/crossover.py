"""The crossover of Ng and Jordan (2001): generative ahead with few labels, discriminative with many. Found, or not.

The rule, fixed before any result: at each size the difference in accuracy, discriminative less generative, has an
interval at a level such that all sizes together hold at 95% (Bonferroni). One side is *better* at a size where that
interval excludes 0. The crossover is the first size at which the discriminative side is better, with the generative
side better at some smaller size and at no larger one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from openbook.labs.crossed import Spread

Kind = Literal["crossover", "discriminative", "generative", "none", "mixed"]


@dataclass(frozen=True, slots=True)
class Advantage:
    """Accuracy, discriminative less generative, at a size. low, high: 95%; sure: for all sizes together."""

    size: int
    value: float
    low: float
    high: float
    sure: tuple[float, float]

    @property
    def better(self) -> Literal["discriminative", "generative", "neither"]:
        if self.sure[0] > 0:
            return "discriminative"
        return "generative" if self.sure[1] < 0 else "neither"


@dataclass(frozen=True, slots=True)
class Verdict:
    """kind: crossover, one side alone ever better, none, or mixed (the other way round, or back and forth).

    size: the crossover, or the first size at which that one side is better.
    """

    kind: Kind
    size: int | None
    sentence: str


def advantage(size: int, spread: Spread, sizes: int) -> Advantage:
    """The difference at one of ``sizes`` sizes."""
    low, high = spread.interval(0.95)
    return Advantage(size, spread.value, low, high, spread.interval(1 - 0.05 / sizes))


def crossover(advantages: Sequence[Advantage], discriminative: str, generative: str) -> Verdict:
    """What the rule says of these sizes, smallest first; the names are for the sentence."""
    for_one = [a.size for a in advantages if a.better == "discriminative"]
    for_other = [a.size for a in advantages if a.better == "generative"]
    most = advantages[-1].size
    if for_one and for_other:
        first = min(for_one)
        if max(for_other) < first:
            told = (
                f"Crossover at {first:,} labels: {generative} is better up to {max(for_other):,}, {discriminative} from"
            )
            return Verdict("crossover", first, f"{told} {first:,}.")
        at = f"{discriminative} is better at {_listed(for_one)}, {generative} at {_listed(for_other)}"
        return Verdict("mixed", None, f"No crossover of that kind: {at} labels.")
    if for_one:
        rest = f"{generative} is never shown better"
        return Verdict(
            "discriminative", min(for_one), f"No crossover: {discriminative} is better {_at(for_one)}; {rest}."
        )
    if for_other:
        rest = f"{discriminative} is not shown better up to {most:,}"
        return Verdict("generative", min(for_other), f"No crossover: {generative} is better {_at(for_other)}; {rest}.")
    told = f"No difference between {discriminative} and {generative} is shown at any size up to {most:,} labels."
    return Verdict("none", None, told)


def _at(sizes: Sequence[int]) -> str:
    return f"at {_listed(sizes)} labels"


def _listed(sizes: Sequence[int]) -> str:
    named = [f"{size:,}" for size in sizes]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
