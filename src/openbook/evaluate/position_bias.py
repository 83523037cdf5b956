"""Do a judge's verdicts on pairs survive when the two texts change places (Zheng et al. 2023; Shen et al. 2023)?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from openbook.evaluate.intervals import Interval, wilson


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
    first; half is fair. right, right_kept: agreement with people of the verdicts as given, and where only what survives
    counts, of those that do.
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
    same = [row for row in rows if row.choice == row.swapped]
    shown_first = [row.choice == 1 for row in rows if row.choice] + [row.swapped == 2 for row in rows if row.swapped]
    right = [row.choice == row.human for row in rows if row.human is not None]
    kept = [row.choice == row.human for row in same if row.human is not None]
    return Swaps(
        judge,
        dimension,
        wilson(len(same), len(rows)),
        wilson(sum(shown_first), len(shown_first)) if shown_first else None,
        wilson(sum(right), len(right)) if right else None,
        wilson(sum(kept), len(kept)) if kept else None,
    )
