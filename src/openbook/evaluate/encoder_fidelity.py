"""What a compressed sentence encoder keeps of its original, on the same texts: directions, and who is near whom."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson
from openbook.evaluate.scores import BadScores
from openbook.protocols import Matrix

NEIGHBOURS = 10
"""A search shows about so many."""


@dataclass(frozen=True, slots=True)
class EncoderFidelity:
    """cosine: of each text's two vectors, the mean. lowest: the smallest, and the number of its text. neighbours: the
    share of each text's ``nearest`` others that are still among its nearest, the mean. same_nearest: the share of texts
    whose nearest other is the same. Texts are drawn again for the intervals; None where one text shows no spread.
    """

    texts: int
    cosine: Interval | None
    lowest: float
    lowest_text: int
    nearest: int
    neighbours: Interval | None
    same_nearest: Interval


def encoder_fidelity(original: Matrix, compressed: Matrix) -> EncoderFidelity:
    """Unit vectors of the same texts, row by row. Raises BadScores for fewer than three texts."""
    texts = len(original)
    if texts < 3 or original.shape != compressed.shape:
        raise BadScores(f"{texts} texts have no neighbours to compare: give three texts or more")
    cosines = np.sum(original * compressed, axis=1)
    nearest = min(NEIGHBOURS, texts - 1)
    before, after = (_nearest(vectors, nearest) for vectors in (original, compressed))
    kept = [len(set(old) & set(new)) / nearest for old, new in zip(before.tolist(), after.tolist(), strict=True)]
    same = int((before[:, 0] == after[:, 0]).sum())
    lowest = int(cosines.argmin())
    return EncoderFidelity(
        texts,
        bootstrap_mean([float(each) for each in cosines]),
        float(cosines[lowest]),
        lowest,
        nearest,
        bootstrap_mean(kept),
        wilson(same, texts),
    )


def _nearest(vectors: Matrix, count: int) -> NDArray[np.int64]:
    """(texts, count): the others by inner product, nearest first; of equals the earlier."""
    found = np.empty((len(vectors), count), dtype=np.int64)
    for number, vector in enumerate(vectors):  # row by row, so that memory stays bounded
        scores = vectors @ vector
        scores[number] = -np.inf
        found[number] = np.argsort(-scores, kind="stable")[:count]
    return found
