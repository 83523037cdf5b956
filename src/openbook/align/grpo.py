"""GRPO's objective: a clipped ratio times the reply's advantage in its group, less the distance from the reference.

All tensors are (replies, longest), and (replies, 1) for what a whole reply has.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Aggregation = Literal["sequence", "token", "constant"]


@dataclass(frozen=True, slots=True)
class Clip:
    """The ratio may move to 1 - low and 1 + high; high above low is DAPO's (Yu et al. 2025, eq. 10)."""

    low: float = 0.2
    high: float = 0.2


def losses(
    log_p: Tensor,
    old: Tensor,
    advantages: Tensor,
    clip: Clip,
    reference: Tensor | None = None,
    beta: float = 0.0,
    *,
    weighted: bool = False,
) -> Tensor:
    """-min(ρ Â, clip(ρ, 1 - low, 1 + high) Â) + β D of each token, with ρ = πθ / πold (Shao et al. 2024, eq. 3).

    log_p: log πθ(token | before); old: of the policy that drew the replies. A plain gradient where old is log_p itself.
    weighted: ρ D in place of D, whose gradient is that of KL(πθ, πref), which the paper's is not (DeepSeek-V3.2 2025).
    """
    ratio = (log_p - old.detach()).exp()
    surrogate = torch.minimum(ratio * advantages, ratio.clamp(1 - clip.low, 1 + clip.high) * advantages)
    if reference is None:
        return -surrogate
    divergence = k3(log_p, reference)
    return beta * (ratio * divergence if weighted else divergence) - surrogate


def k3(log_p: Tensor, reference: Tensor) -> Tensor:
    """πref/πθ - log(πref/πθ) - 1: never negative, and KL(πθ, πref) on average (Schulman 2020; Shao et al. 2024, eq. 4).

    One term of an estimate, at the token that was drawn.
    """
    difference = reference - log_p
    return difference.exp() - difference - 1


def shares(mask: Tensor, how: Aggregation, most: int) -> Tensor:
    """What each token's loss weighs, so that a batch's loss is Σ shares · losses; mask: which places hold a token.

    "sequence": the mean over replies of each one's mean over its tokens (Shao et al. 2024; TRL's "grpo"), so that a
    token of a long reply weighs less. "token": all tokens alike (DAPO; TRL's "bnpo"). "constant": over replies · most,
    the longest that a reply may be, whatever was drawn (Dr. GRPO; TRL's "dr_grpo").
    """
    there = mask.float()
    if how == "sequence":
        return there / there.sum(-1, keepdim=True).clamp(min=1) / len(mask)
    return there / (there.sum().clamp(min=1) if how == "token" else len(mask) * most)


def clipped(log_p: Tensor, old: Tensor, advantages: Tensor, clip: Clip) -> Tensor:
    """Which tokens no longer move the policy, since their ratio has left the range on the side they push to; bool."""
    ratio = (log_p - old).exp()
    return ((ratio < 1 - clip.low) & (advantages < 0)) | ((ratio > 1 + clip.high) & (advantages > 0))
