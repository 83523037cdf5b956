"""Multinomial naive Bayes: a text as words drawn one by one, whatever their order, from its class's distribution.

The generative half of Ng and Jordan's pair (2001). It is fitted by counting (McCallum and Nigam 1998).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np

from openbook.train.bag_of_words import BadTrainingData, Floats, Integers, WordCounts, check_examples


def posterior_by_the_equation(
    words: Sequence[str], prior: Mapping[str, float], likelihood: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """P(y|x) = P(y) Π P(word|y) / Σ over classes of the same: Bayes' rule, with words taken as independent.

    prior: P(y) by class; likelihood: P(word|y) by class and word. Its products underflow on long texts.
    """
    joint = {y: prior[y] * exp(sum(log(likelihood[y][word]) for word in words)) for y in prior}
    return {y: value / sum(joint.values()) for y, value in joint.items()}


@dataclass(frozen=True, slots=True)
class NaiveBayes:
    """log_prior: (classes,), minus infinity for a class never seen; log_likelihood: (words, classes)."""

    log_prior: Floats
    log_likelihood: Floats

    def log_joint(self, counts: WordCounts) -> Floats:
        """log P(x, y), but for the number of orders of the words, which no class changes. Returns (texts, classes)."""
        return counts.times(self.log_likelihood) + self.log_prior

    def log_posterior(self, counts: WordCounts) -> Floats:
        """log P(y|x), (texts, classes)."""
        return log_normalised(self.log_joint(counts))


def fit_naive_bayes(counts: WordCounts, labels: Integers, classes: int, smoothing: float = 1.0) -> NaiveBayes:
    """P(word|y) = (times in y + smoothing) / (words in y + smoothing · vocabulary); P(y) = share of the texts.

    labels: (texts,) from 0. smoothing: Laplace's 1, or less (Lidstone). Raises BadTrainingData for bad examples.
    """
    check_examples(counts, labels, classes)
    if not 0 < smoothing < 1e6:
        raise BadTrainingData(
            f"smoothing must be above 0, not {smoothing}: without it an unseen word rules a class out"
        )
    of_class = np.eye(classes)[labels]
    totals = counts.transposed_times(of_class) + smoothing
    with np.errstate(divide="ignore"):
        log_prior = np.log(of_class.mean(axis=0))
    return NaiveBayes(log_prior, np.log(totals) - np.log(totals.sum(axis=0)))


def log_normalised(log_joint: Floats) -> Floats:
    """Rows less the logarithm of their sum of exponentials, so that those add up to 1: Bayes' rule for any joint.

    log_joint: (texts, classes), minus infinity allowed but not for a whole row.
    """
    shifted = log_joint - log_joint.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
