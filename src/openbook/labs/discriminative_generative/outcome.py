"""What the experiment found, as values: everything that tables, plots and advice are made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.calibration import calibration_error
from openbook.labs.crossed import Spread, crossed_bootstrap
from openbook.labs.discriminative_generative.classifiers import Method
from openbook.labs.discriminative_generative.crossover import Advantage, Verdict, advantage, crossover
from openbook.labs.discriminative_generative.sample import Floats

BINS = 15


@dataclass(frozen=True, slots=True)
class Measured:
    """One method at one size: right and confidence are (seeds, test texts).

    settings: what each seed chose; seconds: processor time to fit it, all settings tried included.
    """

    right: NDArray[np.bool_]
    confidence: Floats
    settings: tuple[Mapping[str, float], ...]
    seconds: tuple[float, ...]

    @property
    def accuracy(self) -> Spread:
        return crossed_bootstrap(self.right)

    @property
    def calibration_errors(self) -> list[float]:
        """Expected calibration error, one a seed."""
        return [calibration_error(c, r, bins=BINS) for c, r in zip(self.confidence, self.right, strict=True)]


@dataclass(frozen=True, slots=True)
class Beyond:
    """At the largest size, one value a seed.

    unfamiliar: AUROC by score and by kind of text; prior: accuracy before and after, by method; written: texts drawn
    from P(x|y) by class, of the first seed; recognised: the share of such texts whose class another classifier names.
    """

    unfamiliar: Mapping[str, Mapping[str, tuple[float, ...]]]
    prior: Mapping[str, tuple[tuple[float, float], ...]]
    written: Mapping[str, tuple[str, ...]]
    recognised: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """measured: by method and size. pairs: discriminative and generative, compared with each other."""

    name: str
    classes: tuple[str, ...]
    sizes: tuple[int, ...]
    seeds: int
    tested: int
    commonest: float
    methods: tuple[Method, ...]
    measured: Mapping[str, Mapping[int, Measured]]
    beyond: Beyond
    left_out: str = ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        named = {(m.neural, m.kind): m.name for m in self.methods}
        return [
            (named[n, "discriminative"], named[n, "generative"]) for n in (False, True) if (n, "generative") in named
        ]

    def advantages(self, discriminative: str, generative: str) -> list[Advantage]:
        """The difference of a pair at every size, test text by test text and seed by seed."""
        one, other = self.measured[discriminative], self.measured[generative]
        return [
            advantage(size, crossed_bootstrap(one[size].right * 1.0 - other[size].right), len(self.sizes))
            for size in self.sizes
        ]

    def verdict(self, discriminative: str, generative: str) -> Verdict:
        return crossover(self.advantages(discriminative, generative), discriminative, generative)

    def leaders(self, size: int) -> list[str]:
        """The most accurate at a size, then those not shown worse than it (95%, not corrected), best first."""
        means = {m.name: float(self.measured[m.name][size].right.mean()) for m in self.methods}
        order = sorted(means, key=lambda name: -means[name])
        best = self.measured[order[0]][size].right * 1.0
        level = [n for n in order[1:] if crossed_bootstrap(best - self.measured[n][size].right).interval()[0] <= 0]
        return [order[0], *level]


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
