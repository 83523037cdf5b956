"""Which of several judges agrees better with people? Every two on the texts that all have scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from openbook.evaluate.agreement import spearman
from openbook.evaluate.audit.change import RESAMPLES, change_of, spearmans
from openbook.evaluate.compare_all import verdict
from openbook.evaluate.intervals import Interval
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.power import MOST, needed_from_error
from openbook.evaluate.resampling import draws, owners
from openbook.evaluate.significance import holm

MOST_JUDGES = 12
"""66 pairs: with more, Holm's correction would leave nothing to be seen."""

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class JudgePair:
    """first_value, second_value: Spearman's with people, of all n texts together. difference: first minus second.
    p_value: by the bootstrap over documents, adjusted by Holm for all pairs of all dimensions. more: documents (texts,
    where no documents are known) that would tell, 0 where these do, None for never.
    """

    dimension: str
    first: str
    second: str
    n: int
    first_value: float
    second_value: float
    difference: Interval
    p_value: float
    more: int | None
    verdict: str


@dataclass(frozen=True, slots=True)
class _Tested:
    dimension: str
    first: str
    second: str
    n: int
    values: tuple[float, float]
    difference: Interval
    p_value: float
    error: float
    units: int
    thing: str


def judges_compared(rows: Sequence[Scored]) -> list[JudgePair]:
    """By dimension, every two of the first 12 judges whose scores differ at all. Texts are matched by document, system
    and id; where those do not tell them apart, or fewer than 3 documents are shared, nothing is compared.
    """
    tested = [pair for name in dict.fromkeys(r.dimension for r in rows) for pair in _in_dimension(name, rows)]
    adjusted = holm([one.p_value for one in tested])
    found: list[JudgePair] = []
    for one, p_value in zip(tested, adjusted, strict=True):
        value = one.difference.value
        more = 0 if p_value <= LEVEL else _more(one, LEVEL / len(tested))
        said = verdict(one.first, one.second, value, p_value, more, level=LEVEL, thing=one.thing)
        found.append(
            JudgePair(one.dimension, one.first, one.second, one.n, *one.values, one.difference, p_value, more, said)
        )
    return found


def matched(rows: Sequence[Scored]) -> dict[str, dict[tuple[str, str, str], Scored]] | None:
    """Of one dimension: by judge, each text's row by its key; None where a key stands for two texts."""
    found: dict[str, dict[tuple[str, str, str], Scored]] = {}
    for row in rows:
        own = found.setdefault(row.judge, {})
        key = row.document, row.system, row.name
        if key in own:
            return None
        own[key] = row
    return found


def _in_dimension(dimension: str, rows: Sequence[Scored]) -> list[_Tested]:
    by_judge = matched([row for row in rows if row.dimension == dimension])
    if by_judge is None or len(by_judge) < 2:
        return []
    chosen = dict(list(by_judge.items())[:MOST_JUDGES])
    shared = sorted(set[tuple[str, str, str]].intersection(*(set(own) for own in chosen.values())))
    if not shared:
        return []
    first = next(iter(chosen.values()))
    human = np.array([first[key].human for key in shared], float)
    owner = owners([key[0] for key in shared])
    scores = {judge: np.array([own[key].score for key in shared], float) for judge, own in chosen.items()}
    values = {judge: value for judge, score in scores.items() if (value := spearman(score, human)) is not None}
    if len(values) < 2:
        return []
    drawn = draws(spearmans([scores[judge] for judge in values], human), owner, resamples=RESAMPLES)
    thing = "document" if len({key[0] for key in shared}) > 1 else "text"
    found: list[_Tested] = []
    for (a, one), (b, other) in combinations(enumerate(values), 2):
        change = change_of(values[other], values[one], drawn[:, a] - drawn[:, b], owner)
        if change.difference is not None and change.p_value is not None and change.error is not None:
            pair = values[one], values[other]
            tested = change.difference, change.p_value, change.error, int(owner.max()) + 1, thing
            found.append(_Tested(dimension, one, other, len(shared), pair, *tested))
    return found


def _more(one: _Tested, level: float) -> int | None:
    """At least one: these did not tell, whatever the approximation says."""
    if one.difference.value == 0:
        return None
    total = needed_from_error(one.difference.value, one.error, one.units, level=level)
    return max(1, total - one.units) if total < MOST else None
