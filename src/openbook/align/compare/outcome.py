"""What a bake-off found, as values, and the statistics that its tables, plots and sentences share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from openbook.align.compare.measure import ByProblem, Measured
from openbook.align.compare.proxies import Scale
from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson
from openbook.evaluate.significance import Comparison, holm, paired_randomisation

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Point:
    """A policy after so many steps. replies: of the policy's, so many it had learnt from. seconds: of training."""

    step: int
    replies: int
    seconds: float
    measured: Measured

    @property
    def kl(self) -> float:
        """Nats a reply."""
        return mean(self.measured.kl)

    @property
    def distance(self) -> float:
        """√KL, which is nearly as far as the weights went (Bai et al. 2022)."""
        return sqrt(max(0.0, self.kl))


@dataclass(frozen=True, slots=True)
class Climb:
    """One method on its way, from the supervised policy, which is its first point. climbs: the reward's name.

    memory: the most bytes that the process held. stopped: why it ended before its budget, else "".
    """

    name: str
    climbs: str
    points: tuple[Point, ...]
    memory: int
    stopped: str = ""

    @property
    def end(self) -> Point:
        return self.points[-1]


@dataclass(frozen=True, slots=True)
class BestOf:
    """The best of n by the proxy. kl, wins, length, rewards: by problem, as ``measured_kl`` and ``Measured`` have them.

    analytic: the KL where no two replies are alike.
    """

    n: int
    analytic: float
    kl: ByProblem
    rewards: Mapping[str, ByProblem]
    wins: ByProblem
    length: ByProblem


@dataclass(frozen=True, slots=True)
class Judged:
    """A reward model on pairs kept from it. right: pairs where it likes the chosen one better.

    truly_right: pairs where it likes the one better that has the larger true reward; of pairs where one has, unequal.
    """

    name: str
    taught: int
    pairs: int
    right: int
    unequal: int
    truly_right: int


@dataclass(frozen=True, slots=True)
class Annotation:
    """The annotators on the pairs kept apart: how often they choose the better reply, and how often the longer.

    unequal: pairs of unequal true reward; unlike: of unequal length; both: of both; true_longer: of these, pairs whose
    better reply is the longer one.
    """

    unequal: int
    better: int
    unlike: int
    longer: int
    both: int
    true_longer: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything. climbs: the methods under one budget. hacked: one method without a KL penalty, and what may help.

    problems, replies: of the exam. scales: of the rewards by name, on supervised replies; all but the true one are
    measured in their deviations.
    """

    task: str
    seed: int
    problems: int
    replies: int
    budget: int
    scales: Mapping[str, Scale]
    annotation: Annotation
    judged: tuple[Judged, ...]
    supervised: Measured
    best_of: tuple[BestOf, ...]
    climbs: tuple[Climb, ...]
    hacked: tuple[Climb, ...]

    def per_token(self, name: str) -> float:
        """What a token more adds to a reward, among supervised replies to one prompt, in the reward's deviations."""
        return self.scales[name].per_token / self.scales[name].deviation


@dataclass(frozen=True, slots=True)
class Tested:
    """A difference between two policies' means over the same problems. p: after Holm, over what was tested with it."""

    name: str
    difference: float
    p: float

    @property
    def shown(self) -> bool:
        return self.p <= LEVEL


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


@lru_cache(maxsize=4096)  # tables, plots and sentences ask for the same ones
def interval(values: ByProblem) -> Interval:
    """The mean over problems; of one problem, which shows no spread, the value alone."""
    return bootstrap_mean(values) or Interval(values[0], values[0], values[0], 0.95, 1)


def share(successes: int, n: int) -> Interval:
    """Wilson's, and everything from 0 to 1 where nothing was counted."""
    return wilson(successes, n) if n else Interval(float("nan"), 0.0, 1.0, 0.95, 0)


def wins_tested(wins: Mapping[str, ByProblem]) -> dict[str, Tested]:
    """Does each win more, or less, than half against the supervised policy?"""
    return _tested({name: paired_randomisation(values, [0.5] * len(values)) for name, values in wins.items()})


def tested(first: Mapping[str, ByProblem], second: ByProblem) -> dict[str, Tested]:
    """Each against the second, paired by problem."""
    return _tested({name: paired_randomisation(values, second) for name, values in first.items()})


@dataclass(frozen=True, slots=True)
class Fall:
    """The true reward from where it was highest to the end of the climb, on problems that did not choose the place."""

    peak: Point
    true: Comparison
    proxy: Comparison

    @property
    def hacked(self) -> bool:
        """The true reward is shown to fall while the climbed one is shown to rise."""
        fell, rose = self.true, self.proxy
        return fell.difference < 0 and fell.p_value <= LEVEL and rose.difference > 0 and rose.p_value <= LEVEL


def fall(climb: Climb) -> Fall | None:
    """None where the highest point is the last one, or too few problems are left to tell.

    Which point is highest is read off every other problem, and the fall is measured on the rest: the highest of several
    looks higher than it is on the problems that made it so.
    """

    def on(point: Point, name: str, half: int) -> ByProblem:
        return point.measured.rewards[name][half::2]

    if len(climb.end.measured.kl) < 4:
        return None
    peak = max(climb.points, key=lambda point: mean(on(point, "true", 0)))
    if peak is climb.end:
        return None
    true, proxy = (paired_randomisation(on(climb.end, name, 1), on(peak, name, 1)) for name in ("true", climb.climbs))
    return Fall(peak, true, proxy)


def _tested(found: Mapping[str, Comparison]) -> dict[str, Tested]:
    adjusted = holm([one.p_value for one in found.values()])
    return {name: Tested(name, one.difference, p) for (name, one), p in zip(found.items(), adjusted, strict=True)}
