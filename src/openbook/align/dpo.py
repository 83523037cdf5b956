"""DPO: a policy learns from pairs directly, its own log-ratio to the reference being the reward (Rafailov et al. 2023).

    L(πθ; πref) = −E log σ( β log πθ(y_w|x)/πref(y_w|x) − β log πθ(y_l|x)/πref(y_l|x) )        (eq. 7)

y_w is the reply that was preferred and y_l the other. With ``smoothing`` a share ε of the pairs is taken to be labelled
the wrong way round (conservative DPO, Mitchell 2023): (1−ε)·L(y_w, y_l) + ε·L(y_l, y_w), least at a finite margin.
"""

from torch import Tensor
from torch.nn.functional import logsigmoid


def dpo_loss(chosen: Tensor, rejected: Tensor, beta: float, smoothing: float = 0.0) -> Tensor:
    """The loss of each pair. chosen, rejected: (pairs,) log πθ(y|x) − log πref(y|x), in nats; smoothing: ε < ½."""
    margin = beta * (chosen - rejected)
    return -(1 - smoothing) * logsigmoid(margin) - smoothing * logsigmoid(-margin)


def implicit_reward(log_ratio: Tensor, beta: float) -> Tensor:
    """β log πθ(y|x)/πref(y|x): the reward that πθ is the best policy for, but for a number that depends on x alone."""
    return beta * log_ratio
