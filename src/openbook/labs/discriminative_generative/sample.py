"""Training samples of growing size, each cut into a part to fit on and a part to choose settings on; one test set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.labs.labelled import BadData, Labelled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CHECKED = 0.2
"""The share of a training sample that settings are chosen on. Nothing is fitted on it, by any classifier."""

MOST_CHECKED = 200

SMALLEST = 10
_MOST_TESTED = 1000
_TESTED = 0.25
_MOST_SIZES = 12


@dataclass(frozen=True, slots=True)
class Part:
    """Texts and their classes, numbered from 0."""

    texts: Sequence[str]
    labels: Integers


@dataclass(frozen=True, slots=True)
class Sample:
    """fitted: for weights, counts, vocabulary, tokenizer. checked: for settings. classes: those that ``fitted`` has."""

    fitted: Part
    checked: Part
    classes: Integers

    @property
    def prior(self) -> Floats:
        """P(y) for each of ``classes``, its share of ``fitted``."""
        return np.array([(self.fitted.labels == y).mean() for y in range(self.classes.size)])


def split(data: Labelled, seed: int = 0) -> tuple[Part, Part]:
    """The texts that samples are drawn from, and the test set: a quarter of all, 1,000 at most."""
    order = np.random.default_rng(seed).permutation(data.labels.size)
    tested = min(_MOST_TESTED, int(data.labels.size * _TESTED))
    return _part(data, order[tested:]), _part(data, order[:tested])


def draw(pool: Part, size: int, seed: int) -> Sample:
    """``size`` texts at random, the same ones first for every size of a seed. Classes are numbered anew, those seen.

    A class that the fitted part lacks cannot be learnt: its texts are left out of the checked part.
    """
    order = np.random.default_rng([seed, 1]).permutation(pool.labels.size)[:size]
    cut = min(round(order.size * CHECKED), MOST_CHECKED)
    fitted, checked = order[cut:], order[:cut]
    classes, renumbered = np.unique(pool.labels[fitted], return_inverse=True)
    checked = checked[np.isin(pool.labels[checked], classes)]
    return Sample(
        Part(_taken(pool.texts, fitted), renumbered.astype(np.int64)),
        Part(_taken(pool.texts, checked), np.searchsorted(classes, pool.labels[checked]).astype(np.int64)),
        classes,
    )


def parse_sizes(typed: str) -> tuple[int, ...]:
    """``30,100,all`` as numbers, 0 for all. Raises BadData for anything else."""
    words = [word.strip().lower() for word in typed.split(",")]
    if len(words) > _MOST_SIZES or not all(word == "all" or (word.isdecimal() and len(word) < 9) for word in words):
        raise BadData(f"--sizes {typed[:40]!r} is no list of at most {_MOST_SIZES} numbers: write it as 30,100,all")
    if "0" in words:
        raise BadData(f"sizes must be at least {SMALLEST}, or `all`")
    return tuple(0 if word == "all" else int(word) for word in words)


def sizes_for(pool: int, wanted: Sequence[int] | None = None) -> tuple[int, ...]:
    """30, 100, 300, … and all there are; or those wanted, where 0 means all. Raises BadData for too many."""
    if wanted is None:
        steps = [factor * 10**power for power in range(1, 7) for factor in (3, 10)]
        return (*(step for step in steps if step <= pool / 1.5), pool)
    sizes = sorted({size or pool for size in wanted})
    if not sizes or sizes[0] < SMALLEST or sizes[-1] > pool:
        raise BadData(f"sizes must lie between {SMALLEST} and the {pool:,} texts left for training, or be `all`")
    return tuple(sizes)


def check_sizes(data: Labelled, wanted: Sequence[int] | None) -> None:
    """Raise BadData for sizes that these data cannot give, before anything is fitted."""
    sizes_for(split(data)[0].labels.size, wanted)


def _part(data: Labelled, chosen: Integers) -> Part:
    return Part(_taken(data.texts, chosen), data.labels[chosen])


def _taken(texts: Sequence[str], chosen: Iterable[np.int64]) -> list[str]:
    return [texts[int(i)] for i in chosen]
