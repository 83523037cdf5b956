"""Moving the outliers of activations into the weights (Xiao et al. 2022, SmoothQuant).

x @ W = (x / s) @ (s · W) for any positive s, one for each channel. A few channels of a BERT layer's output are ten
times the others, and the scale of a whole row has to follow them; divided by s they no longer cost the rest its
resolution. The division costs nothing, since x comes out of a layer normalisation: gamma and beta are divided instead.
``smooth_decoder`` does the same for a decoder.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from openbook.compress.bert import Bert
from openbook.compress.bert_reference import hidden_by_the_equations
from openbook.compress.quantise import Array

LARGEST_DIVISOR_LOG2 = 4


def largest_activations(bert: Bert, rows: Iterable[Array]) -> Mapping[str, Array]:
    """max|x| of each channel, (hidden,), after each layer normalisation, over rows of word vectors (tokens, hidden)."""
    largest: dict[str, Array] = {}

    def observe(name: str, output: Array) -> None:
        seen = np.abs(output).max(axis=0)
        largest[name] = np.maximum(largest[name], seen) if name in largest else seen

    for words in rows:
        hidden_by_the_equations(bert, words, observe)
    return largest


def divisors(largest: Array, alpha: float) -> Array:
    """s = (max|x| / median)^alpha for each channel, to the nearest power of two in [1, 16].

    A power of two is divided and multiplied back without any rounding, so the residual branch loses nothing; and a last
    bit that differs between two machines does not change the model that they build.
    """
    exponents = np.rint(alpha * np.log2(np.maximum(largest, 1e-6) / max(float(np.median(largest)), 1e-6)))
    return np.exp2(np.clip(exponents, 0, LARGEST_DIVISOR_LOG2)).astype(np.float32)


def divisors_by_the_equation(largest: Array, weights: Array, alpha: float) -> Array:
    """s = max|x|^alpha / max|w|^(1 - alpha) for each channel, the paper's eq. 4: at 0.5 both sides grow equally large.

    largest, weights: (channels,), the largest absolute activation, and weight of all products that read it. A channel
    without either keeps 1.
    """
    both = (largest > 0) & (weights > 0)
    s = np.where(both, largest, 1) ** alpha / np.where(both, weights, 1) ** (1 - alpha)
    return s.astype(np.float32)
