"""BERTScore (Zhang et al. 2020): every token is matched with the most similar one of the other text, by its vector.

R = Σᵢ wᵢ maxⱼ xᵢ·x̂ⱼ / Σᵢ wᵢ over the reference's tokens xᵢ, P the same over the hypothesis's x̂ⱼ, F1 = 2PR / (P + R)
(section 3); w is 1, or a token's idf over the references. Rescaled: (score - b) / (1 - b), b the mean score of texts
that have nothing to do with each other (section 3, "baseline rescaling"). [CLS] and [SEP] are nobody's match.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.encode.token_states import TokenStates
from openbook.errors import OpenbookError
from openbook.protocols import Matrix

States: TypeAlias = Callable[[Sequence[str]], Sequence[TokenStates]]
"""Texts in, their tokens' vectors out: ``openbook.encode.token_states.TokenEncoder`` or another."""

Scores: TypeAlias = NDArray[np.float64]
"""(3,): precision, recall and F1."""

_AT_ONCE = 2_048
"""Rows of similarities held at once, so that two long texts do not fill the memory."""

_PAIRS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Idf:
    """-log of the share of references that hold a token, one added to each: log((M + 1) / (holding + 1)) (section 3,
    "importance weighting"). references: M.
    """

    references: int
    holding: Counter[int]

    def __call__(self, ids: Sequence[int]) -> NDArray[np.float64]:
        return np.array([log((self.references + 1) / (self.holding[token] + 1)) for token in ids])


def idf_of(references: Iterable[Sequence[int]]) -> Idf:
    """references: the token ids of each. In one pass; what is kept grows with the vocabulary alone."""
    holding: Counter[int] = Counter()
    count = 0
    for ids in references:
        holding.update(set(ids))
        count += 1
    return Idf(count, holding)


def matched_by_the_equation(
    hypothesis: Matrix, reference: Matrix, ours: Sequence[float], theirs: Sequence[float]
) -> tuple[float, float, float]:
    """Precision, recall and F1 of one pair, token by token. ours, theirs: the tokens' weights."""
    recall = sum(w * max(float(x @ y) for y in hypothesis) for w, x in zip(theirs, reference, strict=True))
    precision = sum(w * max(float(x @ y) for x in reference) for w, y in zip(ours, hypothesis, strict=True))
    recall, precision = recall / sum(theirs), precision / sum(ours)
    return precision, recall, 2 * precision * recall / (precision + recall)


def matched(
    hypothesis: Matrix,
    reference: Matrix,
    ours: NDArray[np.float64] | None = None,
    theirs: NDArray[np.float64] | None = None,
) -> Scores:
    """The same by matrix products. A text without tokens scores 0; weights that are all 0 count as all alike."""
    if not len(hypothesis) or not len(reference):
        return np.zeros(3)
    best_of_ours = np.empty(len(hypothesis))
    best_of_theirs = np.full(len(reference), -np.inf)
    for start in range(0, len(hypothesis), _AT_ONCE):
        similar = hypothesis[start : start + _AT_ONCE] @ reference.T
        best_of_ours[start : start + _AT_ONCE] = similar.max(axis=1)
        best_of_theirs = np.maximum(best_of_theirs, similar.max(axis=0))
    precision, recall = _mean(best_of_ours, ours), _mean(best_of_theirs, theirs)
    below = precision + recall
    return np.array([precision, recall, 2 * precision * recall / below if below else 0.0])


def bertscore(
    hypothesis: TokenStates, references: Sequence[TokenStates], idf: Idf | None = None, baseline: Scores | None = None
) -> Scores:
    """Against that of the references that gives the best F1, the first of equals; zeros without one.

    baseline: what ``baseline_of`` gives, for rescaled scores.
    """
    ours = None if idf is None else idf(hypothesis.ids)
    best: Scores | None = None
    for reference in references:
        theirs = None if idf is None else idf(reference.ids)
        scores = matched(hypothesis.vectors, reference.vectors, ours, theirs)
        if best is None or scores[2] > best[2]:
            best = scores
    found = np.zeros(3) if best is None else best
    return found if baseline is None else (found - baseline) / (1 - baseline)


def baseline_of(
    hypotheses: Sequence[str], references: Sequence[str], states: States, *, idf: Idf | None = None, seed: int = 0
) -> Scores:
    """Mean precision, recall and F1 of each hypothesis with the reference of another, drawn at random, each once.

    Raises OpenbookError for fewer than two different references.
    """
    order: list[int] = np.random.default_rng(seed).permutation(len(references)).tolist()
    others = [*order[1:], *order[:1]]  # none stays at its own place
    pairs = [(hypotheses[a], references[b]) for a, b in zip(order, others, strict=True)]
    drawn = [pair for pair, place in zip(pairs, order, strict=True) if pair[1] != references[place]]
    if not drawn:
        raise OpenbookError("a baseline needs two different references: score more texts, or do not rescale")
    total = np.zeros(3)
    for start in range(0, len(drawn), _PAIRS_AT_ONCE):
        part = drawn[start : start + _PAIRS_AT_ONCE]
        read = states([text for ours, theirs in part for text in (ours, theirs)])
        total += sum(bertscore(ours, [theirs], idf) for ours, theirs in zip(read[::2], read[1::2], strict=True))
    return total / len(drawn)


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64] | None) -> float:
    if weights is None or not weights.any():
        return float(values.mean())
    return float(values @ weights / weights.sum())
