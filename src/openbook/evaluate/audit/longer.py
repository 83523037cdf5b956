"""Does a judge prefer the longer of two texts more often than people do?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openbook.evaluate.audit.pairs import preference
from openbook.evaluate.intervals import Interval, bootstrap_mean
from openbook.evaluate.position_bias import Compared, document_groups
from openbook.evaluate.significance import paired_randomisation


@dataclass(frozen=True, slots=True)
class Longer:
    """judged: how often the longer text wins, over both orders, a tie counting half; people: the same, of their
    verdicts. difference and p_value: judge minus people, of the pairs that both judged.
    """

    judge: str
    dimension: str
    n: int
    judged: Interval | None
    people: Interval | None
    difference: Interval | None
    p_value: float | None


def longer(rows: Sequence[Compared]) -> Longer | None:
    """Of one judge and dimension; None where no pair has two different lengths."""
    kept = [(row, row.lengths) for row in rows if row.lengths is not None and row.lengths[0] != row.lengths[1]]
    if not kept:
        return None
    # Turned so that the longer text counts as the first.
    judged = np.array([_of_first(preference(row.choice, row.swapped), sizes) for row, sizes in kept], float)
    both = [place for place, (row, _) in enumerate(kept) if row.human is not None]
    people = np.array([_of_first(preference(kept[p][0].human or 0), kept[p][1]) for p in both], float)
    groups = document_groups([row for row, _ in kept])
    told = [groups[place] for place in both]
    test = paired_randomisation(judged[both], people, groups=told) if both else None
    return Longer(
        kept[0][0].judge,
        kept[0][0].dimension,
        len(kept),
        bootstrap_mean(judged, groups=groups),
        bootstrap_mean(people, groups=told) if both else None,
        bootstrap_mean(judged[both] - people, groups=told) if both else None,
        test.p_value if test and len(set(told)) > 1 else None,
    )


def _of_first(preferred: float, lengths: tuple[float, float]) -> float:
    return preferred if lengths[0] > lengths[1] else 1 - preferred
