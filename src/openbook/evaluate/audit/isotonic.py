"""The best map from one scale to another that never falls: isotonic regression."""

import numpy as np

from openbook.evaluate.resampling import Floats


def isotonic(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The rising values of least squared error at each distinct x, by pooling neighbours that fall (Ayer et al. 1955).

    Returns the x, ascending, and their values; between them ``numpy.interp`` goes straight, beyond them it stays.
    """
    places, which, counts = np.unique(x, return_inverse=True, return_counts=True)
    means = np.bincount(which, weights=y) / counts
    pooled: list[tuple[float, float, int]] = []  # mean, weight, places
    for mean, weight in zip(means.tolist(), counts.tolist(), strict=True):
        block = (mean, float(weight), 1)
        while pooled and pooled[-1][0] >= block[0]:
            before = pooled.pop()
            together = before[1] + block[1]
            block = ((before[0] * before[1] + block[0] * block[1]) / together, together, before[2] + block[2])
        pooled.append(block)
    return places, np.repeat([block[0] for block in pooled], [block[2] for block in pooled])
