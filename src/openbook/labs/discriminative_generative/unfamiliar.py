"""Does a classifier notice a text unlike any it learnt from? How well each of its scores tells such texts apart.

Test texts against the same words in another order, or against texts from elsewhere. The score of the generative one
is log P(x) a token; that of any classifier, the highest P(y|x) (Hendrycks and Gimpel 2017).
"""

from collections.abc import Sequence

import numpy as np

from openbook.evaluate.calibration import auroc
from openbook.labs.discriminative_generative.sample import Floats

MOST = 400
"""Texts of each kind that are scored."""


def shuffled_words(texts: Sequence[str], seed: int = 0) -> list[str]:
    """Each text's words in another order; texts that have no other order are left out."""
    rng = np.random.default_rng([seed, 3])
    found: list[str] = []
    for text in texts:
        words = text.split()
        if len(set(words)) < 2:
            continue
        mixed = words
        while mixed == words:
            mixed = [words[int(i)] for i in rng.permutation(len(words))]
        found.append(" ".join(mixed))
    return found


def told_apart(inside: Floats, outside: Floats) -> float:
    """The chance that a familiar text scores above an unfamiliar one: 1 tells all apart, 0.5 none."""
    found = auroc(np.concatenate([inside, outside]), [True] * inside.size + [False] * outside.size)
    assert found is not None  # both kinds are there
    return found
