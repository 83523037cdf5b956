"""ROUGE-N, ROUGE-L and ROUGE-Lsum (Lin 2004), as Google's ``rouge_score`` computes them.

ROUGE-N: n-grams shared, as recall, precision and F1. ROUGE-L: the longest common subsequence. ROUGE-Lsum: for each
sentence of the reference, the union of its subsequences with the hypothesis's sentences; lines are sentences.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from openbook.errors import MissingExtra
from openbook.evaluate import lcs, lcs_columns
from openbook.evaluate.ngrams import Ints, Tokens, clipped, ids_of, ngrams, shared_ids
from openbook.evaluate.references import best_of

KINDS = ("rouge1", "rouge2", "rougeL", "rougeLsum")
AT_ONCE = 2_000
SHORTEST_STEMMED = 4

Scores: TypeAlias = NDArray[np.float64]
"""(texts, 3): precision, recall and F1 of each."""

_OTHER = re.compile(r"[^a-z0-9\n]+")


@dataclass(frozen=True, slots=True)
class Cut:
    """A text's tokens, and its sentences'."""

    tokens: Sequence[str]
    sentences: Sequence[Sequence[str]]


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
        ours = cut([h for h, rs in part for _ in rs], stem=stem)
        theirs = cut([r for _, rs in part for r in rs], stem=stem)
        sizes = [len(rs) for _, rs in part]
        for kind, scores in _against(orders, ours, theirs).items():
            found[kind].append(_best(scores, sizes))
    return {kind: np.concatenate(parts) for kind, parts in found.items()}


def rouge_n_by_the_equation(hypothesis: Tokens, reference: Tokens, n: int) -> tuple[float, float, float]:
    """Precision, recall and F1 of one pair (Lin 2004, equation 1)."""
    matched = clipped(hypothesis, [reference], n)
    precision = matched / max(1, ngrams(hypothesis, n).total())
    recall = matched / max(1, ngrams(reference, n).total())
    return precision, recall, 2 * precision * recall / (precision + recall) if matched else 0.0


def cut(texts: Sequence[str], *, stem: bool = False) -> list[Cut]:
    """Lower-case runs of a to z and digits; anything else parts them, and a line break parts sentences, too."""
    lowered = [text.lower() for text in texts]
    lines = iter(_OTHER.sub(" ", "\n".join(lowered)).split("\n"))
    found: list[Cut] = []
    for text in lowered:
        sentences = [line.split() for line in islice(lines, text.count("\n") + 1)]
        if stem:
            porter = _porter()
            sentences = [[porter(w) if len(w) >= SHORTEST_STEMMED else w for w in words] for words in sentences]
        found.append(Cut([token for sentence in sentences for token in sentence], sentences))
    return found


def _order(kind: str) -> int:
    """n of rouge-n; 0 for the others."""
    if kind in ("rougeL", "rougeLsum"):
        return 0
    if re.fullmatch("rouge[1-9]", kind) is None:
        raise ValueError(f"{kind} is no kind of ROUGE: name rouge1 to rouge9, rougeL or rougeLsum")
    return int(kind[-1])


def _against(orders: Mapping[str, int], ours: Sequence[Cut], theirs: Sequence[Cut]) -> dict[str, Scores]:
    """Each text against the reference at its place, by kind."""
    ids, sizes = ids_of(text.tokens for text in (*ours, *theirs))
    lengths = sizes.reshape(2, len(ours))
    most = max(orders.values(), default=0)
    owners, labels = [*range(len(ours))] * 2, [0] * len(ours) + [1] * len(ours)
    matched = shared_ids(ids, sizes, owners, labels, len(ours), most)
    found: dict[str, Scores] = {}
    for kind, n in orders.items():
        if n:
            found[kind] = _scores(matched[:, n - 1], *np.maximum(lengths - n + 1, 0))
        elif kind == "rougeL":
            found[kind] = _scores(lcs_columns.lengths(ids, sizes), *lengths)
        else:
            hits = [lcs_of_summary(text, reference) for text, reference in zip(ours, theirs, strict=True)]
            found[kind] = _scores(np.array(hits, np.int64), *lengths)
    return found


def lcs_of_summary(hypothesis: Cut, reference: Cut) -> int:
    """Tokens of the reference in the union of its sentences' subsequences, none counted oftener than either text has
    it (Lin 2004, section 3.2, and ROUGE 1.5.5).
    """
    ours, theirs = Counter(hypothesis.tokens), Counter(reference.tokens)
    hits = 0
    for sentence in reference.sentences:
        union = {place for other in hypothesis.sentences for place in lcs.places(sentence, other)}
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
    for number, best in enumerate(best_of(scores[:, 2], sizes)):
        if best is not None:
            found[number] = scores[best]
    return found


@cache
def _porter() -> Callable[[str], str]:
    try:
        from nltk.stem.porter import PorterStemmer  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise MissingExtra("the stemmer", "eval") from error
    stem: Callable[[str], str] = cast("Any", PorterStemmer)().stem
    return lru_cache(maxsize=2**18)(stem)
