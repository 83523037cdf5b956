"""Multinomial logistic regression: P(y|x) straight from the words, with nothing said about how texts arise.

The discriminative half of Ng and Jordan's pair (2001): the same linear form as naive Bayes, fitted to the labels.
"""

from dataclasses import dataclass

import numpy as np

from openbook.train.bag_of_words import BadTrainingData, Floats, Integers, WordCounts, check_examples
from openbook.train.lbfgs import minimise
from openbook.train.naive_bayes import log_normalised


@dataclass(frozen=True, slots=True)
class LogisticRegression:
    """weights: (words, classes); bias: (classes,)."""

    weights: Floats
    bias: Floats

    def log_posterior(self, counts: WordCounts) -> Floats:
        """log softmax(x·weights + bias), (texts, classes)."""
        return log_normalised(counts.times(self.weights) + self.bias)


def penalised_loss(
    weights: Floats, bias: Floats, counts: WordCounts, labels: Integers, l2: float
) -> tuple[float, Floats, Floats]:
    """mean of -log P(y|x) + l2/2 ‖weights‖², and its gradients (Hastie et al. 2009, section 4.4).

    The gradient of the mean is xᵀ(P - 1_y) / texts: what the model says less what is so. The bias is not penalised.
    """
    log_p = LogisticRegression(weights, bias).log_posterior(counts)
    texts = labels.size
    loss = -float(log_p[np.arange(texts), labels].mean()) + l2 / 2 * float(np.square(weights).sum())
    residuals = (np.exp(log_p) - np.eye(bias.size)[labels]) / texts
    return loss, counts.transposed_times(residuals) + l2 * weights, residuals.sum(axis=0)


def fit_logistic_regression(
    counts: WordCounts,
    labels: Integers,
    classes: int,
    l2: float,
    *,
    start: LogisticRegression | None = None,
    tolerance: float = 1e-5,
    most_steps: int = 200,
) -> LogisticRegression:
    """The weights of least penalised loss, by L-BFGS.

    labels: (texts,) from 0, every class at least once: the bias of an absent one has no minimum. l2: above 0, so that
    separable classes have one. start: where to begin, such as the fit of a neighbouring l2. scikit-learn's C is
    1 / (texts · l2); with two classes, where it keeps one weight a word for our two, 2 / (texts · l2).
    Raises BadTrainingData for what cannot be fitted.
    """
    check_examples(counts, labels, classes)
    absent = np.flatnonzero(np.bincount(labels, minlength=classes) == 0)
    if absent.size:
        raise BadTrainingData(f"class {absent[0]} has no example: leave it out, or add some")
    if not 0 < l2 < 1e6:
        raise BadTrainingData(f"l2 must be above 0, not {l2}: without it separable classes have no minimum")
    words = counts.shape[1]

    def loss(point: Floats) -> tuple[float, Floats]:
        value, of_weights, of_bias = penalised_loss(point[:words], point[words], counts, labels, l2)
        return value, np.vstack([of_weights, of_bias])

    first = np.zeros((words + 1, classes)) if start is None else np.vstack([start.weights, start.bias])
    point = minimise(loss, first, tolerance=tolerance, most_steps=most_steps)
    return LogisticRegression(point[:words], point[words])
