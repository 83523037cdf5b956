"""How the next token is chosen: penalty, temperature, top-k, top-p, min-p and the draw, as plain functions over logits.

Scores are logits of one place, (vocabulary,) float64; a token that may not be chosen has -inf. They are applied in the
order that transformers does, the penalty first, so that equal settings keep equal sets of tokens.
"""

from collections.abc import Collection
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.errors import OpenbookError
from openbook.values import Decoding

Scores: TypeAlias = NDArray[np.float64]
"""(vocabulary,)"""


def log_probabilities(scores: Scores) -> Scores:
    """log softmax: zᵢ - log Σⱼ exp zⱼ, the largest z taken out first so that no exponential overflows."""
    shifted = scores - scores.max()
    return shifted - np.log(np.exp(shifted).sum())


def tempered(scores: Scores, temperature: float) -> Scores:
    """z / T (Ackley, Hinton and Sejnowski 1985): towards the likeliest token as T falls to 0, uniform as it grows."""
    return (scores - scores.max()) / temperature  # less the largest: a tiny T takes none to infinity


def top_k(scores: Scores, k: int) -> Scores:
    """Only the k likeliest, and what ties with the last of them (Fan et al. 2018); 0 keeps all."""
    if not 0 < k < scores.size:
        return scores
    least = np.partition(scores, -k)[-k]
    return np.where(scores >= least, scores, -np.inf)


def top_p(scores: Scores, p: float) -> Scores:
    """The nucleus: the smallest set of likeliest tokens with Σ P(x) >= p (Holtzman et al. 2019, eq. 3); 1 keeps all.

    Of tokens that tie at its border those with the smaller ids belong to it.
    """
    if p >= 1.0:
        return scores
    order = np.argsort(-scores, kind="stable")
    probabilities = np.exp(log_probabilities(scores)[order])
    before = np.cumsum(probabilities) - probabilities
    outside = order[before >= p]
    kept = scores.copy()
    kept[outside[outside != order[0]]] = -np.inf
    return kept


def min_p(scores: Scores, share: float) -> Scores:
    """Only tokens with P(x) >= share · max P (Nguyen et al. 2024, eq. 2), few where the model is sure; 0 keeps all."""
    if share <= 0.0:
        return scores
    probabilities = np.exp(scores - scores.max())  # of the likeliest, 1
    return np.where(probabilities >= min(share, 1.0), scores, -np.inf)


def repetition_penalty(scores: Scores, ids: Collection[int], penalty: float) -> Scores:
    """Tokens that stand in the text so far made less likely: z / θ (Keskar et al. 2019, CTRL, sec. 4.1).

    A negative z is multiplied instead, as transformers does: divided, it would become likelier.
    """
    if penalty == 1.0 or not ids:
        return scores
    seen = np.unique(np.fromiter(ids, dtype=np.int64))
    seen = seen[seen < scores.size]
    changed = scores.copy()
    changed[seen] = np.where(scores[seen] < 0, scores[seen] * penalty, scores[seen] / penalty)
    return changed


def kept(scores: Scores, decoding: Decoding) -> Scores:
    """What ``choose`` draws from, at a temperature above 0."""
    scores = top_k(tempered(scores, decoding.temperature), decoding.top_k)
    return min_p(top_p(scores, decoding.top_p), decoding.min_p)


def choose(scores: Scores, decoding: Decoding, rng: np.random.Generator) -> int:
    """The id of the next token. At temperature 0 the likeliest, of equals the first; one draw of ``rng`` otherwise.

    Raises OpenbookError where no token may be chosen, or the model's scores are no numbers.
    """
    best = int(scores.argmax())
    if not np.isfinite(scores[best]):
        raise OpenbookError("the model's scores are no numbers: its weights are broken, or its precision is too low")
    if decoding.temperature == 0:
        return best
    probabilities = np.exp(log_probabilities(kept(scores, decoding)))
    reached = np.cumsum(probabilities)
    # the inverse of the cumulative distribution: a draw in [0, 1) falls into a token's share of it
    place = int(np.searchsorted(reached, rng.random() * float(reached[-1]), side="right"))
    possible: list[int] = np.flatnonzero(probabilities).tolist()
    return min(place, possible[-1])


def likeliest(scores: Scores, count: int) -> list[int]:
    """The ids of so many of the largest scores, best first, of equals the smaller id first."""
    count = min(count, scores.size)
    if count < 1:
        return []
    found: NDArray[np.intp] = np.flatnonzero(scores >= np.partition(scores, -count)[-count])
    return found[np.lexsort((found, -scores[found]))][:count].tolist()
