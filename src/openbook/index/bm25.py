"""BM25 as its equation: what the FTS5 kernel computes, for reading and for testing it."""

from collections import Counter
from collections.abc import Sequence
from math import log

K1 = 1.2
B = 0.75


def bm25_by_the_equation(query: Sequence[str], texts: Sequence[Sequence[str]]) -> list[float]:
    """The score of every tokenised text for the query's words (Robertson & Zaragoza 2009, eq. 3.15).

    sum over words of idf(w) * f * (k1 + 1) / (f + k1 * (1 - b + b * length / mean length)), with
    idf(w) = ln((N - n + 0.5) / (n + 0.5)); f: count of w in the text; n: texts that hold w. FTS5 keeps a word that
    more than half of the texts hold at idf = 1e-6, so that a common word cannot count against a text.
    """
    mean_length = sum(map(len, texts)) / max(len(texts), 1)
    counts = [Counter(text) for text in texts]
    scores = [0.0] * len(texts)
    for word in query:
        holding = sum(word in count for count in counts)
        if not holding:
            continue
        idf = max(log((len(texts) - holding + 0.5) / (holding + 0.5)), 1e-6)
        for row, count in enumerate(counts):
            f = count[word]
            scores[row] += idf * f * (K1 + 1) / (f + K1 * (1 - B + B * len(texts[row]) / mean_length))
    return scores
