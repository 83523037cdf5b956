"""Scores as arrays, checked once: finite, one axis, at least one, and as many in each as in the other."""

from collections.abc import Hashable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.errors import OpenbookError

Scores: TypeAlias = Sequence[float] | NDArray[np.float64] | NDArray[np.bool_]
"""One number an example, in one order; True counts as 1 and False as 0."""

_LARGEST = 1e100  # beyond it, squares and sums overflow


class BadScores(OpenbookError):
    """Input that no measure can be taken of."""


def as_array(scores: Scores, name: str) -> NDArray[np.float64]:
    """The scores as float64, shape (examples,). ``name`` says in the error which argument is wrong."""
    try:
        array = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise BadScores(f"{name} must be a flat list of numbers: remove what is missing or is not a number") from None
    if array.ndim != 1:
        raise BadScores(f"{name} must be a flat list of numbers, not of shape {array.shape}")
    if array.size == 0:
        raise BadScores(f"{name} is empty: pass at least one example")
    unusable = np.flatnonzero(~(np.abs(array) <= _LARGEST))
    if unusable.size:
        where = int(unusable[0])
        raise BadScores(f"{name}[{where}] is {array[where]}: every score must be a finite number of ordinary size")
    return array


def as_pair(first: Scores, second: Scores, names: tuple[str, str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as float64 of the same shape (examples,): example i of the one belongs to example i of the other."""
    left, right = as_array(first, names[0]), as_array(second, names[1])
    if left.size != right.size:
        sizes = f"{names[0]} has {left.size} examples and {names[1]} has {right.size}"
        raise BadScores(f"{sizes}: pass the same examples in the same order")
    return left, right


def as_shares(scores: Scores, name: str) -> NDArray[np.float64]:
    """The scores as float64, each within [0, 1]."""
    array = as_array(scores, name)
    outside = np.flatnonzero((array < 0) | (array > 1))
    if outside.size:
        where = int(outside[0])
        raise BadScores(f"{name}[{where}] is {array[where]:g}: every one must lie between 0 and 1")
    return array


def numbered(groups: Sequence[Hashable], size: int) -> NDArray[np.int64]:
    """0 for the first group met, 1 for the next, and so on, one number for each of ``size`` examples."""
    if len(groups) != size:
        raise BadScores(f"there are {size} examples and {len(groups)} groups: pass one group for each example")
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups], np.int64)


def check_level(level: float) -> None:
    """Raise BadScores unless ``level`` is a confidence level strictly between 0 and 1."""
    if not 0 < level < 1:
        raise BadScores(f"the confidence level must lie between 0 and 1, such as 0.95, not {level}")


def check_resamples(resamples: int) -> None:
    """Raise BadScores unless a resampling can be drawn that often."""
    if not 1 <= resamples <= 10_000_000:
        raise BadScores(f"resamples must lie between 1 and 10,000,000, not {resamples}")
