"""What a judge could reach: how far one person agrees with the others, beside how far the judge does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.agreement import krippendorff_alpha, spearman
from openbook.evaluate.audit.change import RESAMPLES, Change, change_of, spearmans
from openbook.evaluate.intervals import Interval
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.resampling import Floats, Statistic, draws, interval_of, owners


@dataclass(frozen=True, slots=True)
class Ceiling:
    """people: Spearman's of each person with the mean of the others, the mean over persons; judge: the judge's with the
    same means of the others, so that both are held to one measure. change: from people (before) to the judge (after).
    """

    judge: str
    dimension: str
    n: int
    persons: int
    alpha: float | None
    people: float | None
    people_interval: Interval | None
    change: Change


@dataclass(frozen=True, slots=True)
class _Person:
    """One person's scores and the others' means, 0 where either is missing; present: 1 where neither is."""

    own: Floats
    others: Floats
    present: Floats


def ceiling(rows: Sequence[Scored]) -> Ceiling | None:
    """Of one judge and dimension, of the texts that two or more people scored; None where there are none."""
    kept = [row for row in rows if sum(value is not None for value in row.each) > 1]
    if not kept:
        return None
    persons = [_person(kept, number) for number in range(max(len(row.each) for row in kept))]
    persons = [one for one in persons if one.present.any()]
    score = np.array([row.score for row in kept], float)
    owner = owners([row.document for row in kept])
    drawn = draws(_mean_over(persons, score), owner, resamples=RESAMPLES)
    people = _mean([_spearman(one.own, one) for one in persons])
    judge = _mean([_spearman(score, one) for one in persons])
    return Ceiling(
        kept[0].judge,
        kept[0].dimension,
        len(kept),
        len(persons),
        krippendorff_alpha([row.each for row in kept]),
        people,
        interval_of(people, drawn[:, 0], owner),
        change_of(people, judge, drawn[:, 1] - drawn[:, 0], owner),
    )


def _person(rows: Sequence[Scored], number: int) -> _Person:
    own: NDArray[np.float64] = np.zeros(len(rows))
    others, present = own.copy(), own.copy()
    for place, row in enumerate(rows):
        said = row.each[number] if number < len(row.each) else None
        rest = [value for other, value in enumerate(row.each) if other != number and value is not None]
        if said is not None and rest:
            own[place], others[place], present[place] = said, sum(rest) / len(rest), 1
    return _Person(own, others, present)


def _mean_over(persons: Sequence[_Person], score: Floats) -> Statistic:
    """(draws, 2): people's agreement and the judge's; a draw in which a person has none counts for neither."""

    def drawn(times: Floats) -> Floats:
        return np.mean([spearmans((one.own, score), one.others, one.present)(times) for one in persons], axis=0)

    return drawn


def _spearman(values: Floats, one: _Person) -> float | None:
    there = one.present > 0
    return spearman(values[there], one.others[there])


def _mean(values: Sequence[float | None]) -> float | None:
    kept = [value for value in values if value is not None]
    return sum(kept) / len(kept) if len(kept) == len(values) else None
