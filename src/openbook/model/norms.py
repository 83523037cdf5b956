"""Layer normalisation and its root-mean-square relative: the equations, and the modules that run."""

import torch
from torch import Tensor, nn


def layer_norm_by_the_equation(x: Tensor, weight: Tensor, bias: Tensor, epsilon: float) -> Tensor:
    """(x - mean) / √(variance + ε) · weight + bias over the last dimension (Ba et al. 2016, eq. 4)."""
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x - mean).square().mean(dim=-1, keepdim=True)
    return (x - mean) / (variance + epsilon).sqrt() * weight + bias


def rms_norm_by_the_equation(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """x / √(mean of squares + ε) · weight over the last dimension (Zhang and Sennrich 2019, eq. 4)."""
    return x / (x.square().mean(dim=-1, keepdim=True) + epsilon).sqrt() * weight


class RMSNorm(nn.Module):
    """``rms_norm_by_the_equation``, in FP32 inside whatever the precision outside, as the Llama family does."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        normed = nn.functional.rms_norm(x.float(), (x.shape[-1],), None, self.epsilon)
        return self.weight * normed.to(x.dtype)
