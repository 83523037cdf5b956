"""A sentence encoder in INT8, its outliers moved into the weights as far as some texts of its kind ask for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openbook.compress.bert import Bert
from openbook.compress.encoder_graph import Pooling, int8_encoder
from openbook.compress.smooth import divisors, largest_activations


def int8_model(bert: Bert, texts: Sequence[NDArray[np.int64]], alpha: float, pooling: Pooling = "mean") -> bytes:
    """The model's bytes, the same for the same weights and texts. texts: token ids, (tokens,), special ones included;
    none of them move no outliers. alpha: how far, see ``smooth.divisors``.
    """
    largest = largest_activations(bert, (bert.words[ids] for ids in texts))
    smoothed = list(largest)[:-1]  # the last normalisation feeds the pooling, not a product
    by_name = {name: divisors(largest[name], alpha) for name in smoothed}
    return int8_encoder(bert, by_name, pooling).SerializeToString(deterministic=True)
