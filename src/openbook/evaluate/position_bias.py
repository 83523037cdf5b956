"""Do a judge's verdicts on pairs survive when the two texts change places (Zheng et al. 2023; Shen et al. 2023)?"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from openbook.evaluate.intervals import Interval, wilson_in_groups


@dataclass(frozen=True, slots=True)
class Compared:
    """Which of two texts is better, 1 or 2, 0 for a tie: with the first shown first, with it shown second (turned
    back), and by people, where known.

    document, name: "" where the file does not say. lengths: of both texts. null: which of them is a constant answer.
    """

    judge: str
    dimension: str
    choice: int
    swapped: int
    human: int | None
    document: str = ""
    lengths: tuple[float, float] | None = None
    null: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Swaps:
    """survived: verdicts that are the same in both orders. first: of verdicts that are no tie, those for the text shown
    first; half is fair. right, right_kept: agreement with people of the verdicts of both orders, so that it does not
    hang on which text a file names first; and where only what survives counts, of those that do.

    Intervals are over documents, or over pairs where no two documents are named: a pair's two verdicts are one draw.
    """

    judge: str
    dimension: str
    survived: Interval
    first: Interval | None
    right: Interval | None
    right_kept: Interval | None


def swaps(rows: Sequence[Compared]) -> list[Swaps]:
    """By judge and dimension, and last all of a judge's where it has several."""
    groups: dict[tuple[str, str], list[Compared]] = defaultdict(list)
    for row in rows:
        groups[row.judge, row.dimension].append(row)
    for judge in dict.fromkeys(row.judge for row in rows):
        own = [row for row in rows if row.judge == judge]
        if len({row.dimension for row in own}) > 1:
            groups[judge, "all"] = own
    return [_swaps(judge, dimension, own) for (judge, dimension), own in groups.items()]


def _swaps(judge: str, dimension: str, rows: Sequence[Compared]) -> Swaps:
    owned = list(zip(document_groups(rows), rows, strict=True))
    same = [(owner, row.choice == row.swapped) for owner, row in owned]
    first = [(owner, row.choice == 1) for owner, row in owned if row.choice]
    first += [(owner, row.swapped == 2) for owner, row in owned if row.swapped]
    told = [(owner, row) for owner, row in owned if row.human is not None]
    right = [(owner, choice == row.human) for owner, row in told for choice in (row.choice, row.swapped)]
    kept = [(owner, row.choice == row.human) for owner, row in told if row.choice == row.swapped]
    survived = _share(same)
    assert survived is not None  # of no rows there is no group
    return Swaps(judge, dimension, survived, _share(first), _share(right), _share(kept))


def document_groups(rows: Sequence[Compared]) -> list[Hashable]:
    """The document of each, or each its own where no two are named."""
    several = len({row.document for row in rows}) > 1
    return [row.document if several else place for place, row in enumerate(rows)]


def _share(outcomes: Sequence[tuple[Hashable, bool]]) -> Interval | None:
    if not outcomes:
        return None
    return wilson_in_groups([outcome for _, outcome in outcomes], [owner for owner, _ in outcomes])
