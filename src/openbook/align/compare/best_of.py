"""Best-of-n: draw n replies, keep the one that the reward model likes best. Nothing is trained.

From M drawn replies all n ≤ M are measured at once. The reply of rank i (1 the least) is the best of n of the M with
probability C(i−1, n−1) / C(M, n), which makes the mean under these an unbiased estimate (Nakano et al. 2021, appendix).

How far it goes: log n − (n−1)/n nats where no two replies are alike (Stiennon et al. 2020, appendix), and less where
replies come more than once (Beirami et al. 2024), which ``measured_kl`` sees.
"""

from math import lgamma, log

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def chances(proxy: Values, n: int) -> Values:
    """Of each reply to each problem, that it is the best of n drawn without return; replies of one score share theirs.

    proxy: (problems, draws). Returns the same shape; rows add up to 1. n: 1 to draws.
    """
    draws = proxy.shape[1]
    every = _log_choose(draws, n)
    by_rank = np.array([np.exp(_log_choose(rank, n - 1) - every) if rank >= n - 1 else 0.0 for rank in range(draws)])
    found = np.empty_like(proxy)
    for row, own in zip(found, proxy, strict=True):
        _, place, counts = np.unique(own, return_inverse=True, return_counts=True)
        block = np.add.reduceat(by_rank, np.concatenate([[0], np.cumsum(counts)[:-1]])) / counts
        row[:] = block[place]
    return found


def analytic_kl(n: int) -> float:
    """Nats, where no two replies have one score: the most that it can be."""
    return log(n) - (n - 1) / n


def measured_kl(proxy: Values, n: int) -> Values:
    """Nats, by problem, of the best of n drawn with return from these replies, against drawing one of them.

    A score s that a share p of the replies has is the best's with probability F(s)ⁿ − F(s−)ⁿ, where F is how often a
    reply scores at most so much. proxy: (problems, draws), many more draws than n: KL is at most the logarithm of
    the number of scores. Returns (problems,).
    """
    found = np.empty(len(proxy))
    for number, own in enumerate(proxy):
        _, counts = np.unique(own, return_counts=True)
        share = counts / counts.sum()
        at_most = np.cumsum(counts) / counts.sum()
        best = np.diff(at_most**n, prepend=0.0)
        seen = best > 0  # a small share to a large power is 0 in floating point, and so is its part of the sum
        found[number] = max(0.0, float((best[seen] * np.log(best[seen] / share[seen])).sum()))  # rounding
    return found


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
