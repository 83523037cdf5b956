"""Texts as word counts: what naive Bayes and logistic regression see, most of it zeros and so kept sparse."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.errors import OpenbookError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_WORD = re.compile(r"\w+|[^\w\s]")


class BadTrainingData(OpenbookError):
    """Examples that nothing can be learnt from: none, unequal counts, one class."""


@dataclass(frozen=True, slots=True)
class WordCounts:
    """A (texts, words) matrix of counts by its entries: counts[i] of word words[i] in text texts[i].

    shape: (texts, words). Words outside the vocabulary leave no entry.
    """

    texts: Integers
    words: Integers
    counts: Floats
    shape: tuple[int, int]

    def times(self, weights: Floats) -> Floats:
        """The product with (words, classes). Returns (texts, classes)."""
        columns = [
            np.bincount(self.texts, self.counts * column[self.words], minlength=self.shape[0]) for column in weights.T
        ]
        return np.stack(columns, axis=1).astype(np.float64)

    def transposed_times(self, residuals: Floats) -> Floats:
        """The product of the transpose with (texts, classes). Returns (words, classes)."""
        columns = [
            np.bincount(self.words, self.counts * column[self.texts], minlength=self.shape[1]) for column in residuals.T
        ]
        return np.stack(columns, axis=1).astype(np.float64)


def words_of(text: str) -> list[str]:
    """Runs of letters and digits, and every other mark by itself; case is dropped."""
    return _WORD.findall(text.casefold())


def vocabulary_of(texts: Sequence[str]) -> dict[str, int]:
    """A number for each distinct word, in the order first met."""
    found: dict[str, int] = {}
    for text in texts:
        for word in words_of(text):
            found.setdefault(word, len(found))
    if not found:
        raise BadTrainingData("the training texts hold no word: pass texts with letters in them")
    return found


def count_words(texts: Sequence[str], vocabulary: Mapping[str, int]) -> WordCounts:
    """How often each word of the vocabulary stands in each text."""
    entries = [
        (number, vocabulary[word], count)
        for number, text in enumerate(texts)
        for word, count in Counter(words_of(text)).items()
        if word in vocabulary
    ]
    rows, columns, counts = np.array(entries, np.float64).reshape(-1, 3).T
    return WordCounts(
        rows.astype(np.int64), columns.astype(np.int64), np.ascontiguousarray(counts), (len(texts), len(vocabulary))
    )


def check_examples(counts: WordCounts, labels: Integers, classes: int) -> None:
    """Raise BadTrainingData unless each text has one label from 0 to classes - 1, and there is a text."""
    if counts.shape[0] == 0 or counts.shape[0] != labels.size:
        raise BadTrainingData(f"there are {counts.shape[0]} texts and {labels.size} labels: pass one label a text")
    if labels.min() < 0 or labels.max() >= classes:
        raise BadTrainingData(f"labels run from {labels.min()} to {labels.max()}: number {classes} classes from 0")
