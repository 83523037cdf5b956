"""Semantic entropy: how unsure a model is of what it means, whatever words it puts it in.

Kuhn et al. 2023, "Semantic uncertainty"; Farquhar et al. 2024, "Detecting hallucinations in large language models using
semantic entropy". Samples of one question are put into clusters of one meaning, and the entropy is taken over clusters.
All entropies are in nats; 0 means that every sample says the same.
"""

from collections.abc import Callable, Sequence
from math import exp, log

import numpy as np

from openbook.evaluate.scores import BadScores, Scores, as_array
from openbook.evaluate.self_consistency import MOST_SAMPLES, check_samples

Equivalent = Callable[[str, str], bool]
"""Whether two answers to one question mean the same."""


def meanings(samples: Sequence[str], equivalent: Equivalent) -> list[int]:
    """The cluster of each sample, numbered from 0 as they are met (Kuhn et al. 2023, algorithm 1).

    A sample joins the first cluster whose first member it is equivalent to, so that a comparison is needed for each
    cluster and not for each sample; an equivalence that is not transitive makes this depend on the order.
    """
    check_samples(samples)
    firsts: list[str] = []
    found: list[int] = []
    for sample in samples:
        place = next((number for number, first in enumerate(firsts) if equivalent(first, sample)), len(firsts))
        if place == len(firsts):
            firsts.append(sample)
        found.append(place)
    return found


def length_normalised(token_logprobs: Scores) -> float:
    """log p(s|x) / length: the mean log-probability of a sample's tokens (Malinin and Gales 2021)."""
    return float(as_array(token_logprobs, "token_logprobs").mean())


def semantic_entropy(clusters: Sequence[int], log_likelihoods: Scores) -> float:
    """-Σ_c p(c) log p(c), where p(c) is the sum of p(s|x) over the samples of c, divided by that over all samples.

    The Rao-Blackwellised estimate of Farquhar et al. 2024. clusters: from ``meanings``; log_likelihoods:
    of each sample, length-normalised as in the paper or not. A text drawn twice counts twice, as in the authors' code.
    """
    logs = _paired(clusters, log_likelihoods)
    numbers = np.unique(np.asarray(clusters), return_inverse=True)[1].reshape(-1)
    weights = np.exp(logs - logs.max())  # the largest is 1, so that nothing underflows to a sum of 0
    shares = np.bincount(numbers, weights) / weights.sum()
    return entropy(shares.tolist())


def semantic_entropy_by_the_equation(clusters: Sequence[int], log_likelihoods: Sequence[float]) -> float:
    """The same as it is written, which underflows for long samples that are not length-normalised."""
    total = sum(exp(value) for value in log_likelihoods)
    found = 0.0
    for cluster in set(clusters):
        p = sum(exp(v) for c, v in zip(clusters, log_likelihoods, strict=True) if c == cluster) / total
        found -= p * log(p)
    return found


def discrete_semantic_entropy(clusters: Sequence[int]) -> float:
    """-Σ_c (n_c / N) log(n_c / N): for models that give texts and no probabilities (Farquhar et al. 2024)."""
    _check_clusters(clusters)
    counts = np.unique(np.asarray(clusters), return_counts=True)[1]
    return entropy((counts / counts.sum()).tolist())


def predictive_entropy(log_likelihoods: Scores) -> float:
    """-1/N Σ log p(s|x), the entropy over wordings by Monte Carlo: what semantic entropy is to be better than."""
    return -float(as_array(log_likelihoods, "log_likelihoods").mean())


def entropy(shares: Sequence[float]) -> float:
    """-Σ p log p, an empty share adding nothing."""
    return max(0.0, -sum(p * log(p) for p in shares if p > 0))


def _paired(clusters: Sequence[int], log_likelihoods: Scores) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    _check_clusters(clusters)
    logs = as_array(log_likelihoods, "log_likelihoods")
    if logs.size != len(clusters):
        raise BadScores(f"{len(clusters)} clusters have {logs.size} log_likelihoods: pass one for each sample")
    return logs.reshape(-1)


def _check_clusters(clusters: Sequence[int]) -> None:
    if not 1 <= len(clusters) <= MOST_SAMPLES:
        raise BadScores(f"there are {len(clusters)} samples: pass 1 to {MOST_SAMPLES} of one question")
