"""Four classifiers in two pairs, fitted under one rule: settings are those that do best on the checked part.

Best is the most right, then the least log loss of P(y|x): the same measure for the generative ones as for the others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from openbook.labs.discriminative_generative.sample import Floats, Part, Sample
from openbook.train.bag_of_words import count_words, vocabulary_of
from openbook.train.logistic_regression import LogisticRegression, fit_logistic_regression
from openbook.train.naive_bayes import NaiveBayes, fit_naive_bayes

Score = tuple[float, float]
"""Share right, and the negative log loss: larger is better, the first counting first."""

SMOOTHINGS = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01)
PENALTIES = (1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4)


class Trained(Protocol):
    """A fitted classifier. settings: what was chosen for it."""

    @property
    def settings(self) -> dict[str, float]: ...

    def log_posterior(self, texts: Sequence[str]) -> Floats:
        """log P(y|x) over the sample's classes, (texts, classes)."""
        ...


@runtime_checkable
class Generative(Protocol):
    """What only a model of P(x|y) has besides."""

    def log_evidence_per_token(self, texts: Sequence[str]) -> Floats:
        """log P(x) over the number of tokens, (texts,)."""
        ...

    def write(self, label: int, count: int, seed: int) -> list[str]:
        """Texts drawn from P(x|y)."""
        ...


@dataclass(frozen=True, slots=True)
class Method:
    """A way to make a classifier. fit: of a sample and a seed."""

    name: str
    kind: Literal["discriminative", "generative"]
    fit: Callable[[Sample, int], Trained]
    neural: bool


@dataclass(frozen=True, slots=True)
class Counting:
    """A classifier of word counts."""

    vocabulary: dict[str, int]
    model: NaiveBayes | LogisticRegression
    settings: dict[str, float] = field(default_factory=dict[str, float])

    def log_posterior(self, texts: Sequence[str]) -> Floats:
        return self.model.log_posterior(count_words(texts, self.vocabulary))


def score(log_posterior: Floats, part: Part) -> Score:
    """What settings are chosen by. Without examples all settings are as good."""
    if not part.labels.size:
        return 0.0, 0.0
    right = log_posterior.argmax(axis=1) == part.labels
    of_label = log_posterior[np.arange(part.labels.size), part.labels]
    return float(right.mean()), float(np.maximum(of_label, -100.0).mean())


def naive_bayes(sample: Sample, seed: int) -> Counting:
    """Multinomial naive Bayes, its smoothing chosen."""
    del seed  # counting leaves nothing to chance
    vocabulary = vocabulary_of(sample.fitted.texts)
    counts = count_words(sample.fitted.texts, vocabulary)
    tried = [
        Counting(
            vocabulary,
            fit_naive_bayes(counts, sample.fitted.labels, sample.classes.size, smoothing),
            {"smoothing": smoothing},
        )
        for smoothing in SMOOTHINGS
    ]
    return max(tried, key=lambda one: score(one.log_posterior(sample.checked.texts), sample.checked))


def logistic_regression(sample: Sample, seed: int) -> Counting:
    """Multinomial logistic regression, its L2 penalty chosen."""
    del seed  # a convex loss has one minimum
    vocabulary = vocabulary_of(sample.fitted.texts)
    counts = count_words(sample.fitted.texts, vocabulary)
    tried: list[Counting] = []
    model: LogisticRegression | None = None
    for l2 in PENALTIES:
        model = fit_logistic_regression(
            counts, sample.fitted.labels, sample.classes.size, l2, start=model, tolerance=1e-4
        )
        tried.append(Counting(vocabulary, model, {"l2": l2}))
    return max(tried, key=lambda one: score(one.log_posterior(sample.checked.texts), sample.checked))


NAIVE_BAYES = Method("naive Bayes", "generative", naive_bayes, neural=False)
LOGISTIC = Method("logistic regression", "discriminative", logistic_regression, neural=False)
