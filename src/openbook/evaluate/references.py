"""Texts with several references: which one counts, how many there are, and how a signature says so."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray


def best_of(scores: NDArray[np.float64], sizes: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The texts that have references, and for each the place of its first best one; scores: text after text."""
    counts = np.asarray(sizes, np.int64)
    owners = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((-scores, owners))  # stable: of equals the first stays first
    texts = np.flatnonzero(counts)
    return texts, order[(np.cumsum(counts) - counts)[texts]]


def one_number(counts: Collection[int]) -> int | None:
    """How many references each text has; None where that varies."""
    return next(iter(counts)) if len(counts) == 1 else None


def signature(references: int | None, *parts: str) -> str:
    """How a figure came about, in sacreBLEU's words."""
    from openbook import __version__

    return "|".join([f"nrefs:{'var' if references is None else references}", *parts, f"version:openbook {__version__}"])
