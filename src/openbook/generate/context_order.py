"""Which passages of a context stand where: the best at its edges, in the best-last order, or only the best few.

A model that loses the middle reads the edges best, so what matters belongs there. All functions take items best first
and return the same items, none changed: texts, parts of a prompt or passages.
"""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def edges_first(best_first: Sequence[T]) -> list[T]:
    """Rank 1 at the beginning, rank 2 at the end, 3 next to 1, 4 next to 2, …: the worst are in the middle."""
    return [*best_first[::2], *reversed(best_first[1::2])]


def best_last(best_first: Sequence[T]) -> list[T]:
    """The best right before the question, which comes last."""
    return list(reversed(best_first))


def fewer(best_first: Sequence[T], count: int) -> list[T]:
    """The ``count`` best alone. Raises ValueError for less than one."""
    if count < 1:
        raise ValueError(f"a context needs at least one passage, not {count}")
    return list(best_first[:count])


def by_relevance(items: Sequence[T], scores: Sequence[float]) -> list[T]:
    """Best first; of equals, the earlier one. Raises ValueError unless there is a score for each."""
    if len(items) != len(scores):
        raise ValueError(f"there are {len(items)} items and {len(scores)} scores: give one for each")
    return [items[n] for n in sorted(range(len(items)), key=lambda n: -scores[n])]
