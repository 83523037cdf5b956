"""The two classifiers on bags of words beside scikit-learn's, on texts drawn at random."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.differences import Found, largest
from openbook.train.bag_of_words import WordCounts, count_words
from openbook.train.logistic_regression import fit_logistic_regression
from openbook.train.naive_bayes import fit_naive_bayes


def naive_bayes() -> Found:
    """log P(y|x) of every text, with several kinds of smoothing."""
    from sklearn.naive_bayes import MultinomialNB

    def pairs() -> Iterator[tuple[Any, Any]]:
        for classes in (2, 3, 6):
            counts, labels = _examples(classes)
            for smoothing in (0.01, 1.0, 10.0):
                theirs = MultinomialNB(alpha=smoothing).fit(_dense(counts), labels)
                ours = fit_naive_bayes(counts, labels, classes, smoothing)
                yield ours.log_posterior(counts), theirs.predict_log_proba(_dense(counts))

    return largest(pairs())


def logistic_regression() -> Found:
    """P(y|x) of every text at the minimum, under strong and weak penalties."""
    from sklearn.linear_model import LogisticRegression

    def pairs() -> Iterator[tuple[Any, Any]]:
        for classes in (2, 3, 6):
            counts, labels = _examples(classes)
            for l2 in (1e-3, 1e-1):
                ours = fit_logistic_regression(counts, labels, classes, l2, tolerance=1e-9, most_steps=5000)
                strength = (2 if classes == 2 else 1) / (labels.size * l2)  # theirs has one weight a word for two
                theirs = LogisticRegression(C=strength, tol=1e-10, max_iter=20_000).fit(_dense(counts), labels)
                yield np.exp(ours.log_posterior(counts)), theirs.predict_proba(_dense(counts))

    return largest(pairs())


def _examples(classes: int, texts: int = 120, words: int = 15) -> tuple[WordCounts, np.ndarray]:
    """Texts of eight words drawn from the distribution of their class."""
    rng = np.random.default_rng(classes)
    likelihoods = rng.dirichlet(np.ones(words), size=classes)
    labels = np.concatenate([np.arange(classes), rng.integers(classes, size=texts - classes)])
    names = [f"w{number}" for number in range(words)]
    drawn = [" ".join(rng.choice(names, size=8, p=likelihoods[label])) for label in labels]
    return count_words(drawn, {name: number for number, name in enumerate(names)}), labels


def _dense(counts: WordCounts) -> np.ndarray:
    matrix = np.zeros(counts.shape)
    matrix[counts.texts, counts.words] = counts.counts
    return matrix
