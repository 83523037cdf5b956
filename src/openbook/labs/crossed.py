"""An interval for scores that vary in two ways: by the training sample drawn, and by the test text.

Several classifiers trained on as many samples answer the same test texts, so neither rows nor columns alone are
independent draws. Both are drawn again (the pigeonhole bootstrap; Owen 2007), which errs on the wide side.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.scores import BadScores, check_level, check_resamples

Floats = NDArray[np.float64]

_ROWS = 200  # resamples held at once


@dataclass(frozen=True, slots=True)
class Spread:
    """Means of the resampled scores, in increasing order, around the mean itself."""

    value: float
    means: Floats

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Percentile bounds at this level."""
        check_level(level)
        low, high = np.quantile(self.means, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def crossed_bootstrap(scores: NDArray[Any], *, resamples: int = 4000, seed: int = 0) -> Spread:
    """scores: (samples, texts), one number for each trained classifier and test text.

    With one sample only the texts are drawn again, and the interval says nothing of other training samples.
    """
    check_resamples(resamples)
    array = np.asarray(scores, np.float64)
    if array.ndim != 2 or array.size == 0 or not np.isfinite(array).all():
        raise BadScores(f"scores must be finite and of shape (samples, texts), not {array.shape}")
    rng = np.random.default_rng(seed)
    samples, texts = array.shape
    means: list[Floats] = []
    for start in range(0, resamples, _ROWS):
        size = min(_ROWS, resamples - start)
        of_samples = rng.multinomial(samples, np.full(samples, 1 / samples), size=size)
        of_texts = rng.multinomial(texts, np.full(texts, 1 / texts), size=size)
        means.append(((of_samples @ array) * of_texts).sum(axis=1) / (samples * texts))
    return Spread(float(array.mean()), np.sort(np.concatenate(means)))
