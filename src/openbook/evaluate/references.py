"""Texts with several references: which one counts, how many there are, and how a signature says so."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray


def best_of(scores: NDArray[np.float64], sizes: Sequence[int]) -> list[int | None]:
    """For each text the place of its first best reference, None where there is none; scores: text after text."""
    found: list[int | None] = []
    place = 0
    for size in sizes:
        found.append(place + int(np.argmax(scores[place : place + size])) if size else None)
        place += size
    return found


def one_number(counts: Collection[int]) -> int | None:
    """How many references each text has; None where that varies."""
    return next(iter(counts)) if len(counts) == 1 else None


def signature(references: int | None, *parts: str) -> str:
    """How a figure came about, in sacreBLEU's words."""
    from openbook import __version__

    return "|".join([f"nrefs:{'var' if references is None else references}", *parts, f"version:openbook {__version__}"])
