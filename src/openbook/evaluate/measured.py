"""Texts measured as they stream by: what is kept of a text is one number a measure, never its characters."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.intervals import Interval
from openbook.evaluate.references import one_number
from openbook.evaluate.significance import holm
from openbook.evaluate.sums import GROUPS, Measure, Rows, bootstrap_difference, bootstrap_sum, swapped_sums

AT_ONCE = 1_000
MOST_CHARACTERS = 2_000_000
"""Of the texts and references held at once, beside the longest single ones."""

Pair: TypeAlias = tuple[str, Sequence[str]]
"""A text and its references."""

Counted: TypeAlias = Callable[[Sequence[str], Sequence[Sequence[str]]], Mapping[str, Rows]]
"""Texts and their references in, the rows of each text by measure out."""


@dataclass(frozen=True, slots=True)
class Part:
    """Texts that were just measured. first: the place of the first of them among all. each: their scores by measure."""

    first: int
    texts: Sequence[str]
    references: Sequence[Sequence[str]]
    each: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Measured:
    """score: 0 to 100. interval: 95 %, over the texts; None for a single text. each: every text's own score, (texts,).

    sums: the rows that score and interval were taken of, at most ``GROUPS``.
    """

    name: str
    score: float
    interval: Interval | None
    signature: str
    each: NDArray[np.float64]
    sums: Rows


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of two systems. interval: 95 %, of the first's score less the second's; None for a single text.

    p_value: of "no difference", by random swaps; adjusted: for as many measures as were compared (Holm 1979).
    """

    name: str
    scores: tuple[float, float]
    difference: float
    interval: Interval | None
    p_value: float
    adjusted: float


def measured(
    pairs: Iterable[Pair],
    measures: Sequence[Measure],
    counted: Counted,
    watch: Callable[[Part], object] | None = None,
    *,
    at_once: int = AT_ONCE,
) -> list[Measured]:
    """One for each measure, in order. watch: told of each part, of ``at_once`` texts at most, once it is measured."""
    kept: dict[str, list[NDArray[np.float64]]] = {one.name: [] for one in measures}
    sums: dict[str, Rows] = {}
    seen: set[int] = set()
    texts = 0
    for part in _parts(pairs, min(at_once, GROUPS)):
        ours, theirs = [text for text, _ in part], [own for _, own in part]
        seen |= {len(own) for own in theirs}
        rows = counted(ours, theirs)
        places = np.arange(texts, texts + len(part)) % GROUPS
        for one in measures:
            of_one = sums.setdefault(one.name, np.zeros((GROUPS, rows[one.name].shape[1])))
            of_one[places] += rows[one.name]
            kept[one.name].append(one.each(rows[one.name]))
        if watch:
            watch(Part(texts, ours, theirs, {name: parts[-1] for name, parts in kept.items()}))
        texts += len(part)
    return [
        _summed(one, sums.get(one.name, np.zeros((0, 1)))[:texts], kept[one.name], one_number(seen)) for one in measures
    ]


def _summed(one: Measure, sums: Rows, parts: Sequence[NDArray[np.float64]], references: int | None) -> Measured:
    each = np.concatenate([np.zeros(0), *parts])
    score = float(one.score(sums.sum(axis=0)[None])[0]) if len(each) else 0.0
    interval = bootstrap_sum(sums, one.score, len(each))
    return Measured(one.name, score, interval, one.signature(references), each, sums)


def differences(measures: Sequence[Measure], first: Sequence[Measured], second: Sequence[Measured]) -> list[Difference]:
    """Two systems on the same texts in the same order, measure by measure."""
    tests = [
        swapped_sums(ours.sums, theirs.sums, one.score)
        for one, ours, theirs in zip(measures, first, second, strict=True)
    ]
    return [
        Difference(
            one.name,
            (ours.score, theirs.score),
            ours.score - theirs.score,
            bootstrap_difference(ours.sums, theirs.sums, one.score, len(ours.each)),
            p_value,
            adjusted,
        )
        for one, ours, theirs, p_value, adjusted in zip(measures, first, second, tests, holm(tests), strict=True)
    ]


def _parts(pairs: Iterable[Pair], at_once: int) -> Iterator[list[Pair]]:
    part: list[Pair] = []
    characters = 0
    for pair in pairs:
        part.append(pair)
        characters += len(pair[0]) + sum(map(len, pair[1]))
        if len(part) == at_once or characters >= MOST_CHARACTERS:
            yield part
            part, characters = [], 0
    if part:
        yield part
