"""All pairs of systems on the same examples: difference, interval, p by Holm, effect size, and what that says."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from openbook.evaluate.effect_size import cohens_h, paired_d
from openbook.evaluate.intervals import Interval, bootstrap_mean
from openbook.evaluate.power import more_in_words, needed, needed_for_shares
from openbook.evaluate.resampling import Floats
from openbook.evaluate.scores import BadScores, Scores, as_pair
from openbook.evaluate.significance import holm, paired_randomisation

MOST_SYSTEMS = 40


@dataclass(frozen=True, slots=True)
class SystemPair:
    """difference: mean of first minus second, its interval None where one example shows no spread. p_value: adjusted by
    Holm for all pairs. effect: Cohen's h of shares (every score 0 or 1), else his d of pairs. more: examples that would
    tell, 0 where these do, None for never.
    """

    first: str
    second: str
    n: int
    difference: float
    interval: Interval | None
    p_value: float
    effect: float | None
    effect_name: str
    more: int | None
    verdict: str


def compare_all(
    scores: Mapping[str, Scores],
    groups: Sequence[Hashable] | None = None,
    *,
    level: float = 0.05,
    thing: str = "example",
    resamples: int = 10_000,
    seed: int = 0,
) -> list[SystemPair]:
    """Every two systems, by paired randomisation (``significance``), in the order the systems are given.

    scores: by system, each in the same order of examples, higher is better. groups: what each example belongs to.
    Raises BadScores for fewer than 2 systems or more than 40.
    """
    if not 2 <= len(scores) <= MOST_SYSTEMS:
        raise BadScores(f"comparing takes 2 to {MOST_SYSTEMS} systems, not {len(scores)}: name others")
    names = list(combinations(scores, 2))
    tests = [
        paired_randomisation(scores[a], scores[b], groups=groups, resamples=resamples, seed=seed) for a, b in names
    ]
    adjusted = holm([test.p_value for test in tests])
    found: list[SystemPair] = []
    for (first, second), p_value in zip(names, adjusted, strict=True):
        left, right = as_pair(scores[first], scores[second], (first, second))
        interval = bootstrap_mean(left - right, groups=groups, level=1 - level, resamples=resamples, seed=seed)
        effect, effect_name = _effect(left, right)
        # Of m comparisons the strictest is held to level / m by Holm, so that is what to plan for.
        more = 0 if p_value <= level else _more(left, right, groups, level / len(names))
        difference = float((left - right).mean())
        said = verdict(first, second, difference, p_value, more, level=level, thing=thing)
        found.append(
            SystemPair(first, second, left.size, difference, interval, p_value, effect, effect_name, more, said)
        )
    return found


def verdict(
    first: str,
    second: str,
    difference: float,
    p_value: float,
    more: int | None,
    *,
    level: float = 0.05,
    thing: str = "example",
) -> str:
    """``A is better``, or ``cannot be told apart; about 340 more examples are needed to tell``."""
    if p_value <= level and difference:
        return f"{first if difference > 0 else second} is better"
    return f"cannot be told apart; {more_in_words(more, thing)}"


def _effect(left: Floats, right: Floats) -> tuple[float | None, str]:
    if _are_shares(left, right):
        return cohens_h(float(left.mean()), float(right.mean())), "Cohen's h"
    return paired_d(left, right), "Cohen's d"


def _more(left: Floats, right: Floats, groups: Sequence[Hashable] | None, level: float) -> int | None:
    if groups is None and _are_shares(left, right):
        first, second = int((left > right).sum()), int((left < right).sum())
        more = needed_for_shares(first, second, left.size, level=level)
    else:
        more = needed(left - right, level=level, groups=groups)
    return None if more is None else max(1, more)  # these did not tell, whatever the approximation says


def _are_shares(left: Floats, right: Floats) -> bool:
    return bool(np.isin(left, (0.0, 1.0)).all() and np.isin(right, (0.0, 1.0)).all())
