"""PPO on replies: each token an action, the reward at the last one, and a price on every step away from the reference.

All tensors are (replies, longest), 0 behind a reply's end. The clipped surrogate is ``grpo.losses`` with an advantage
for each token; here is what PPO has beside it: rewards by token, and the value function.
"""

from typing import cast

import torch
from torch import Tensor, nn

from openbook.model import Decoder


class ValueHead(nn.Module):
    """V(s): what a policy may still expect in a state, a linear function of the decoder's last hidden state.

    It begins at 0 everywhere, so that the first advantages are the rewards themselves.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.output = nn.Linear(width, 1)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, before: Tensor) -> Tensor:
        """before: (tokens, width), the state in which each token was chosen. Returns (tokens,), FP32."""
        return cast("Tensor", self.output(before.to(self.output.weight.dtype)))[:, 0].float()


def value_head(model: Decoder) -> ValueHead:
    """A head of the model's width."""
    return ValueHead(model.config.width)


def token_rewards(scores: Tensor, old: Tensor, reference: Tensor, mask: Tensor, beta: float) -> Tensor:
    """rₜ = -β (log πold(aₜ) - log πref(aₜ)), and at the last token the reply's score besides.

    scores: (replies,). Ziegler et al. (2019, eq. 2), spread over the tokens.
    """
    rewards = (-beta * (old - reference)).masked_fill(~mask, 0.0)
    last = mask.sum(-1) - 1
    rewards[torch.arange(len(rewards), device=rewards.device), last] += scores
    return rewards


def value_losses(values: Tensor, old: Tensor, returns: Tensor, clip: float) -> Tensor:
    """½ max((V - R)², (Vclipped - R)²) of each token, where Vclipped stays within clip of the value when it was drawn.

    The maximum takes away any gain from moving further (OpenAI's PPO2). returns: R = Â + Vold. clip 0: no clipping.
    """
    plain = (values - returns) ** 2
    if not clip:
        return plain / 2
    held = old + (values - old).clamp(-clip, clip)
    return torch.maximum(plain, (held - returns) ** 2) / 2
