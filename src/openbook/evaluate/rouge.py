"""ROUGE-N, ROUGE-L and ROUGE-Lsum (Lin 2004), as Google's ``rouge_score`` computes them.

ROUGE-N: n-grams shared, as recall, precision and F1. ROUGE-L: the longest common subsequence. ROUGE-Lsum: for each
sentence of the reference, the union of its subsequences with the hypothesis's sentences; lines are sentences.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate import lcs, lcs_columns
from openbook.evaluate.ngrams import Ints, Tokens, clipped, ngrams, shared_ids
from openbook.evaluate.references import best_of
from openbook.evaluate.rouge_tokens import Cut, cut

KINDS = ("rouge1", "rouge2", "rougeL", "rougeLsum")
AT_ONCE = 2_000

Scores: TypeAlias = NDArray[np.float64]
"""(texts, 3): precision, recall and F1 of each."""


def rouge(
    hypotheses: Iterable[str],
    references: Iterable[Sequence[str]],
    kinds: Sequence[str] = KINDS,
    *,
    stem: bool = False,
) -> Mapping[str, Scores]:
    """Of each text against that of its references that gives the best F1, by kind: rouge1 to rouge9, rougeL, rougeLsum.

    stem: by Porter's algorithm, words of four letters or more. Raises ValueError for another kind, and where the
    numbers differ; MissingExtra for ``stem`` without the package ``nltk``.
    """
    orders = {kind: _order(kind) for kind in kinds}
    found: dict[str, list[Scores]] = {kind: [np.zeros((0, 3))] for kind in kinds}
    pairs = zip(hypotheses, references, strict=True)
    while part := list(islice(pairs, AT_ONCE)):
        ours, theirs = [h for h, rs in part for _ in rs], [r for _, rs in part for r in rs]
        sizes = [len(rs) for _, rs in part]
        for kind, scores in _against(orders, cut([*ours, *theirs], stem=stem)).items():
            found[kind].append(_best(scores, sizes))
    return {kind: np.concatenate(parts) for kind, parts in found.items()}


def rouge_n_by_the_equation(hypothesis: Tokens, reference: Tokens, n: int) -> tuple[float, float, float]:
    """Precision, recall and F1 of one pair (Lin 2004, equation 1)."""
    matched = clipped(hypothesis, [reference], n)
    precision = matched / max(1, ngrams(hypothesis, n).total())
    recall = matched / max(1, ngrams(reference, n).total())
    return precision, recall, 2 * precision * recall / (precision + recall) if matched else 0.0


def _order(kind: str) -> int:
    """n of rouge-n; 0 for the others."""
    if kind in ("rougeL", "rougeLsum"):
        return 0
    if re.fullmatch("rouge[1-9]", kind) is None:
        raise ValueError(f"{kind} is no kind of ROUGE: name rouge1 to rouge9, rougeL or rougeLsum")
    return int(kind[-1])


def _against(orders: Mapping[str, int], texts: Cut) -> dict[str, Scores]:
    """Each text of the first half against the reference at its place in the second, by kind."""
    pairs = len(texts.sizes) // 2
    lengths = texts.sizes.reshape(2, pairs)
    most = max(orders.values(), default=0)
    owners, labels = [*range(pairs)] * 2, [0] * pairs + [1] * pairs
    matched = shared_ids(texts.ids, texts.sizes, owners, labels, pairs, most)
    longest = lcs_columns.lengths(texts.ids, texts.sizes) if 0 in orders.values() else np.zeros(pairs, np.int64)
    found: dict[str, Scores] = {}
    for kind, n in orders.items():
        if n:
            found[kind] = _scores(matched[:, n - 1], *np.maximum(lengths - n + 1, 0))
        else:
            found[kind] = _scores(longest if kind == "rougeL" else _of_summaries(texts, longest), *lengths)
    return found


def _of_summaries(texts: Cut, longest: Ints) -> Ints:
    """``lcs_of_summary`` of each pair; of two single lines it is their longest common subsequence."""
    found, pairs = longest.copy(), len(longest)
    for pair in np.flatnonzero((texts.lines.reshape(2, pairs) > 1).any(axis=0)).tolist():
        found[pair] = lcs_of_summary(texts.sentences(pair), texts.sentences(pair + pairs))
    return found


def lcs_of_summary(hypothesis: Sequence[Tokens], reference: Sequence[Tokens]) -> int:
    """Tokens of the reference in the union of its sentences' subsequences, none counted oftener than either text has
    it (Lin 2004, section 3.2, and ROUGE 1.5.5). Both texts: the tokens of each sentence.
    """
    ours, theirs = (Counter[Hashable](chain.from_iterable(text)) for text in (hypothesis, reference))
    hits = 0
    for sentence in reference:
        union = {place for other in hypothesis for place in lcs.places(sentence, other)}
        for place in sorted(union):
            token = sentence[place]
            if ours[token] > 0 and theirs[token] > 0:
                hits += 1
                ours[token] -= 1
                theirs[token] -= 1
    return hits


def _scores(hits: Ints, ours: Ints, theirs: Ints) -> Scores:
    precision, recall = hits / np.maximum(ours, 1), hits / np.maximum(theirs, 1)
    below = precision + recall
    return np.stack(
        [precision, recall, np.where(hits > 0, 2 * precision * recall / np.where(hits > 0, below, 1), 0)], -1
    )


def _best(scores: Scores, sizes: Sequence[int]) -> Scores:
    """Of each text's references the first with the highest F1; zeros where there is none."""
    found = np.zeros((len(sizes), 3))
    texts, places = best_of(scores[:, 2], sizes)
    found[texts] = scores[places]
    return found
