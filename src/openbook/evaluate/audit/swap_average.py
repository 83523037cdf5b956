"""Is a judge right more often when both orders are asked and averaged? It costs twice as many calls."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openbook.evaluate.audit.pairs import averaged
from openbook.evaluate.compare_all import MOST_SYSTEMS, SystemPair, compare_all
from openbook.evaluate.intervals import Interval, bootstrap_mean
from openbook.evaluate.position_bias import Compared, document_groups
from openbook.evaluate.significance import holm, paired_randomisation


@dataclass(frozen=True, slots=True)
class SwapAveraged:
    """one: how often a verdict in one order is people's, the mean of both orders; both: how often the average of the
    two is. ties: averaged verdicts that are ties. p_value: adjusted by Holm for all rows.
    """

    judge: str
    dimension: str
    n: int
    one: float
    both: float
    difference: Interval | None
    p_value: float | None
    ties: float


def swap_averages(groups: Sequence[Sequence[Compared]]) -> list[SwapAveraged]:
    """Of each judge's verdicts on each dimension, of the pairs that people judged."""
    found = [one for rows in groups if (one := _swap_average(rows))]
    tested = iter(holm([one.p_value for one in found if one.p_value is not None]))
    return [one if one.p_value is None else replace(one, p_value=next(tested)) for one in found]


def verdict_judges(rows: Sequence[Compared]) -> list[SystemPair]:
    """Judges of the same pairs against each other: averaged verdicts that are people's, p by Holm. Empty where one
    judge judges alone, or no pair is judged by all.
    """
    told = [row for row in rows if row.human is not None]
    right: dict[str, dict[tuple[str, ...], float]] = {}
    for row in told:
        key = row.dimension, row.document, row.name
        right.setdefault(row.judge, {})[key] = float(averaged(row) == row.human)
    if not 2 <= len(right) <= MOST_SYSTEMS or sum(map(len, right.values())) < len(told):
        return []  # pairs without a name of their own cannot be matched
    shared = sorted(set[tuple[str, ...]].intersection(*(set(own) for own in right.values())))
    if not shared:
        return []
    documents = [key[1] for key in shared]
    groups = documents if len(set(documents)) > 1 else None
    return compare_all({judge: [own[k] for k in shared] for judge, own in right.items()}, groups, thing="pair")


def _swap_average(rows: Sequence[Compared]) -> SwapAveraged | None:
    kept = [row for row in rows if row.human is not None]
    if not kept:
        return None
    one = [((row.choice == row.human) + (row.swapped == row.human)) / 2 for row in kept]
    verdicts = [averaged(row) for row in kept]
    both = [float(verdict == row.human) for verdict, row in zip(verdicts, kept, strict=True)]
    groups = document_groups(kept)
    several = len(set(groups)) > 1
    differences = [after - before for before, after in zip(one, both, strict=True)]
    return SwapAveraged(
        kept[0].judge,
        kept[0].dimension,
        len(kept),
        sum(one) / len(kept),
        sum(both) / len(kept),
        bootstrap_mean(differences, groups=groups),
        paired_randomisation(both, one, groups=groups).p_value if several else None,
        verdicts.count(0) / len(kept),
    )
