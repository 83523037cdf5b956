"""How far a judge's scores agree with people's: over all texts, within a document, and of systems."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from openbook.evaluate.agreement import Floats, kendall, pearson, spearman
from openbook.evaluate.intervals import Interval, bootstrap_mean
from openbook.evaluate.resampling import FEWEST_DRAWN, correlation_of_ranks, draws, interval_of, owners, ranks_drawn

Level: TypeAlias = Literal["all", "in a document", "of systems"]

FEWEST = 3
"""Scores that a correlation within a document needs."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One text's score by the judge and by people. document, system, name: "" where the file does not say.

    length: of the text, in words or whatever the file counts. each: single people's scores, None where one gave none.
    """

    judge: str
    dimension: str
    document: str
    system: str
    score: float
    human: float
    length: float | None = None
    each: tuple[float | None, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """level: all texts together; within a document, the mean over documents; of the systems' means. n: texts, documents
    or systems. The interval is of Spearman's, drawn over documents; None where they are too few.
    """

    judge: str
    dimension: str
    level: Level
    n: int
    spearman: float | None
    interval: Interval | None
    kendall: float | None
    pearson: float | None


def agreements(rows: Sequence[Scored]) -> list[Agreement]:
    """By judge and dimension, at every level that the rows have."""
    found: list[Agreement] = []
    for (judge, dimension), own in _grouped(rows).items():
        found.append(_together(judge, dimension, own))
        if any(row.document for row in own):
            found.append(_in_documents(judge, dimension, own))
        if len({row.system for row in own}) >= FEWEST:
            found.append(_of_systems(judge, dimension, own))
    return found


def _grouped(rows: Sequence[Scored]) -> Mapping[tuple[str, str], list[Scored]]:
    groups: dict[tuple[str, str], list[Scored]] = defaultdict(list)
    for row in rows:
        groups[row.judge, row.dimension].append(row)
    return groups


def _columns(rows: Sequence[Scored]) -> tuple[Floats, Floats]:
    return np.array([row.score for row in rows], float), np.array([row.human for row in rows], float)


def _together(judge: str, dimension: str, rows: Sequence[Scored]) -> Agreement:
    score, human = _columns(rows)
    interval = _drawn(rows, score, human)
    correlations = spearman(score, human), interval, kendall(score, human), pearson(score, human)
    return Agreement(judge, dimension, "all", len(rows), *correlations)


def _drawn(rows: Sequence[Scored], score: Floats, human: Floats) -> Interval | None:
    """Spearman's of all, whole documents drawn with replacement (texts, where no documents are known)."""
    owner = owners([row.document for row in rows])

    def drawn(times: Floats) -> Floats:
        return correlation_of_ranks(ranks_drawn(score, times), ranks_drawn(human, times), times)

    value = spearman(score, human)
    return None if value is None else interval_of(value, draws(drawn, owner), owner)


def _in_documents(judge: str, dimension: str, rows: Sequence[Scored]) -> Agreement:
    """Documents whose scores are all alike, by the judge or by people, say nothing and are left out."""
    by_document: dict[str, list[Scored]] = defaultdict(list)
    for row in rows:
        by_document[row.document].append(row)
    pairs = [_columns(own) for own in by_document.values() if len(own) >= FEWEST]
    kept = [pair for pair in pairs if spearman(*pair) is not None]
    means = [_mean([of(*pair) for pair in kept]) for of in (spearman, kendall, pearson)]
    interval = bootstrap_mean([spearman(*pair) or 0.0 for pair in kept]) if len(kept) >= FEWEST_DRAWN else None
    return Agreement(judge, dimension, "in a document", len(kept), means[0], interval, means[1], means[2])


def _of_systems(judge: str, dimension: str, rows: Sequence[Scored]) -> Agreement:
    by_system: dict[str, list[Scored]] = defaultdict(list)
    for row in rows:
        by_system[row.system].append(row)
    means = [[float(column.mean()) for column in _columns(own)] for own in by_system.values()]
    score, human = np.array(means).T
    correlations = spearman(score, human), None, kendall(score, human), pearson(score, human)
    return Agreement(judge, dimension, "of systems", len(by_system), *correlations)


def _mean(values: Sequence[float | None]) -> float | None:
    kept = [value for value in values if value is not None]
    return float(np.mean(kept)) if kept else None
