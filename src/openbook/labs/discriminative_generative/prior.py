"""Classes that come in other shares than they were learnt in: the posterior is mended, nothing is trained again.

P'(y|x) is proportional to P(y|x) P'(y) / P(y) (Saerens et al. 2002). For a generative classifier that is Bayes' rule
with the new prior put in; a discriminative one can be mended by the same arithmetic.
"""

import numpy as np

from openbook.labs.discriminative_generative.sample import Floats, Integers

FAVOURED = 0.8
"""The share that the changed prior gives to one class; the others keep their proportions."""

FEWEST = 20
"""Test texts that a class needs to be favoured: accuracy within it is then known to about a tenth."""


def with_prior(log_posterior: Floats, log_old: Floats, log_new: Floats) -> Floats:
    """The posterior under another prior, not normalised, (texts, classes). A class never learnt stays impossible."""
    change = np.where(np.isneginf(log_old), -np.inf, log_new - np.where(np.isneginf(log_old), 0.0, log_old))
    return log_posterior + change


def favouring(shares: Floats, favoured: int) -> Floats:
    """The prior in which one class has ``FAVOURED``. shares: (classes,), adding up to 1."""
    others = np.delete(shares, favoured).sum()
    new = shares * (1 - FAVOURED) / others
    new[favoured] = FAVOURED
    return new


def accuracy_under(prior: Floats, predicted: Integers, labels: Integers) -> float:
    """The share right where classes come in shares ``prior``: that within each class, weighted."""
    within = [float((predicted[labels == y] == y).mean()) if (labels == y).any() else 0.0 for y in range(prior.size)]
    present = np.array([(labels == y).any() for y in range(prior.size)])
    weights = np.where(present, prior, 0.0)
    return float(weights @ np.array(within) / weights.sum())


def before_and_after(log_posterior: Floats, log_old: Floats, labels: Integers) -> tuple[float, float] | None:
    """Accuracy with the old and the new prior, the mean over each class that can be favoured. None where none can."""
    counts = np.bincount(labels, minlength=log_old.size)
    shares = counts / counts.sum()
    before: list[float] = []
    after: list[float] = []
    for favoured in np.flatnonzero((counts >= FEWEST) & (counts < counts.sum())):
        new = favouring(shares, int(favoured))
        with np.errstate(divide="ignore"):
            mended = with_prior(log_posterior, log_old, np.log(new))
        before.append(accuracy_under(new, log_posterior.argmax(axis=1), labels))
        after.append(accuracy_under(new, mended.argmax(axis=1), labels))
    return (float(np.mean(before)), float(np.mean(after))) if before else None
