"""IPO: the log-ratio between both replies is drawn to a fixed gap, not ever further apart (Azar et al. 2023).

    L = E ( h − 1/(2τ) )²,   h = log [πθ(y_w|x) πref(y_l|x)] / [πθ(y_l|x) πref(y_w|x)]         (eq. 17)

Where DPO's optimum is at infinity once everybody agrees on a pair, the gap 1/(2τ) keeps the policy near its reference.
"""

from torch import Tensor


def ipo_loss(chosen: Tensor, rejected: Tensor, tau: float) -> Tensor:
    """The loss of each pair. chosen, rejected: (pairs,) log πθ(y|x) − log πref(y|x), in nats.

    In the paper these are sums over a reply's tokens. Divided by its tokens, as TRL does, the gap is in nats a token,
    so that a long reply need not move further than a short one; then τ means something else too.
    """
    return (chosen - rejected - 1 / (2 * tau)) ** 2
