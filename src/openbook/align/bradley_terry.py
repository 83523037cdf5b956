"""The loss of a reward model: preferred replies beat others with the chance that Bradley and Terry (1952) give.

    P(chosen beats rejected) = e^r(chosen) / (e^r(chosen) + e^r(rejected)),   loss = -log P

which is eq. 1 of Ouyang et al. (2022) for two replies. With a margin m the chosen one has to be ahead by m (Touvron et
al. 2023, eq. 2). The chance knows differences alone, so that a constant may be added to all rewards: the centring term,
c (r(chosen) + r(rejected))², holds them around 0 (Eisenstein et al. 2023).
"""

import torch
from torch import Tensor


def by_the_equation(chosen: Tensor, rejected: Tensor, margin: float = 0.0, centre: float = 0.0) -> Tensor:
    """As written above. chosen, rejected: (pairs,) rewards. Returns (pairs,)."""
    ahead = (chosen - margin).exp()
    return -(ahead / (ahead + rejected.exp())).log() + centre * (chosen + rejected) ** 2


def bradley_terry(chosen: Tensor, rejected: Tensor, margin: float = 0.0, centre: float = 0.0) -> Tensor:
    """The same without overflow: e^a / (e^a + e^b) = σ(a - b)."""
    loss = -torch.nn.functional.logsigmoid(chosen - rejected - margin)
    return loss + centre * (chosen + rejected).square() if centre else loss
