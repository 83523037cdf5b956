"""Two halves that share no document: one to fit on, the other to report on, and then the other way round."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.resampling import Floats

FEWEST_DOCUMENTS = 4
"""Two in each half."""


def first_half(owner: NDArray[np.int64], seed: int) -> NDArray[np.bool_]:
    """True for the texts of half of the documents, drawn by the seed."""
    documents = int(owner.max()) + 1
    chosen = np.random.default_rng(seed).permutation(documents)[: documents // 2]
    return np.isin(owner, chosen)


def crossed(
    fitted: Callable[[NDArray[np.bool_], NDArray[np.bool_]], Floats], owner: NDArray[np.int64], seed: int
) -> Floats:
    """One number for each text from what was fitted on the half that it does not lie in.

    fitted: (texts to fit on, texts to report on), two masks, to the numbers of the latter.
    """
    found = np.empty(owner.size)
    half = first_half(owner, seed)
    for reported in (half, ~half):
        found[reported] = fitted(~reported, reported)
    return found
