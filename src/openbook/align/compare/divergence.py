"""How far a policy is from its reference, and how sure it is of itself, over replies that it drew.

KL(π‖πref) = E over replies y of π [ Σ over tokens t of KL(π(· | y<t) ‖ πref(· | y<t)) ]

by the chain rule. The inner sum over the vocabulary is exact, so that chance is left in the drawn replies alone: as
unbiased as log π(y) − log πref(y), of less variance, and never below 0 (Amini et al. 2025).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openbook.align.groups import Group
from openbook.align.log_probabilities import LOGITS, states
from openbook.align.policy import Policy

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Divergence:
    """Of each reply, one group after another: kl and entropy in nats, summed over its tokens; tokens: how many."""

    kl: Values
    entropy: Values
    tokens: Values


def divergence(policy: Policy, groups: Sequence[Group]) -> Divergence:
    """Of replies that the policy drew at temperature 1. Raises AlignProblem where no reference was kept."""
    with torch.no_grad():
        row, mine = states(policy.model, policy.layout, groups)
        weight = policy.model.unembedding.weight
        with policy.as_reference() as reference:
            _, theirs = states(reference.model, reference.layout, groups)
            other = reference.model.unembedding.weight
        kl, entropy = _by_token(mine[row.before], weight, theirs[row.before], other)
    ends = np.cumsum(row.counts)[:-1]

    def by_reply(values: Tensor) -> Values:
        parts: list[Values] = np.split(values.double().cpu().numpy(), ends)
        return np.array([part.sum() for part in parts])

    return Divergence(by_reply(kl), by_reply(entropy), np.array(row.counts, dtype=np.float64))


def _by_token(mine: Tensor, weight: Tensor, theirs: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """KL and entropy at each token, (tokens,) each, from hidden states (tokens, width), some tokens at a time."""
    rows = max(1, LOGITS // weight.shape[0])
    kl: list[Tensor] = []
    entropy: list[Tensor] = []
    for start in range(0, len(mine), rows):
        log_p = (mine[start : start + rows] @ weight.mT).float().log_softmax(-1)
        log_q = (theirs[start : start + rows] @ other.mT).float().log_softmax(-1)
        p = log_p.exp()
        kl.append((p * (log_p - log_q)).sum(-1))
        entropy.append(-(p * log_p).sum(-1))
    return torch.cat(kl), torch.cat(entropy)
