"""What needs no reading: length alone, and the words alone, as scores of a reply that pairs were fitted to.

Both are logistic on the difference of two replies, which is Bradley and Terry's model with a linear reward.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.logistic import fit_logistic
from openbook.align.preferences import Pair
from openbook.train.bag_of_words import WordCounts, words_of
from openbook.train.logistic_regression import fit_logistic_regression

Floats = NDArray[np.float64]
Scorer = Callable[[str], float]
PENALTIES = (0.01, 0.03, 0.1, 0.3)
FEWEST = 3
"""Pairs that a word must be in."""


def by_length(pairs: Sequence[Pair]) -> Scorer:
    """One weight on the logarithm of a reply's characters."""
    ahead = np.array([[_size(pair.chosen) - _size(pair.rejected)] for pair in pairs])
    both = np.concatenate([ahead, -ahead])
    labels = np.repeat([1.0, 0.0], len(pairs))
    weight = float(fit_logistic(both, labels).weights[0])
    return lambda reply: weight * _size(reply)


def _size(text: str) -> float:
    return float(np.log(len(text)))


def by_words(pairs: Sequence[Pair]) -> Scorer:
    """A weight for every word, on log(1 + its count); the penalty is chosen on the last fifth of the pairs."""
    cut = max(1, len(pairs) * 4 // 5)
    inner, outer = pairs[:cut], pairs[cut:]

    def right(penalty: float) -> float:
        score = _fitted(inner, penalty)
        return float(np.mean([score(pair.chosen) > score(pair.rejected) for pair in outer]))

    return _fitted(pairs, max(PENALTIES, key=right) if outer else PENALTIES[-1])


def _fitted(pairs: Sequence[Pair], penalty: float) -> Scorer:
    counts = [(Counter(words_of(pair.chosen)), Counter(words_of(pair.rejected))) for pair in pairs]
    seen = Counter(word for chosen, rejected in counts for word in chosen.keys() | rejected.keys())
    number = {word: place for place, word in enumerate(sorted(word for word, n in seen.items() if n >= FEWEST))}
    entries = [
        (row, number[word], ahead)
        for row, (chosen, rejected) in enumerate(counts)
        for word in sorted((chosen.keys() | rejected.keys()) & number.keys())
        if (ahead := float(np.log1p(chosen[word]) - np.log1p(rejected[word])))
    ]
    rows, words, ahead = np.array(entries, np.float64).reshape(-1, 3).T
    texts, places = rows.astype(np.int64), words.astype(np.int64)
    both = WordCounts(
        np.concatenate([texts, texts + len(pairs)]),
        np.concatenate([places, places]),
        np.concatenate([ahead, -ahead]),
        (2 * len(pairs), len(number)),
    )
    fitted = fit_logistic_regression(both, np.repeat([1, 0], len(pairs)), 2, penalty)
    return _linear(number, fitted.weights[:, 1] - fitted.weights[:, 0])


def _linear(number: Mapping[str, int], weights: Floats) -> Scorer:
    def score(reply: str) -> float:
        counts = Counter(words_of(reply))
        return float(sum(weights[number[word]] * np.log1p(n) for word, n in counts.items() if word in number))

    return score
