"""Rotary position embedding: queries and keys turned by an angle that grows with position (Su et al. 2021, eq. 34)."""

import torch
from torch import Tensor

from openbook.model.config import RotaryScaling


def frequencies(head_dim: int, theta: float) -> Tensor:
    """θ^(-2i/d) for i = 0 … d/2 - 1: radians a position. Returns (head_dim / 2,) in FP32."""
    return theta ** -(torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)


def angles(
    positions: Tensor, head_dim: int, theta: float, scaling: RotaryScaling | None = None
) -> tuple[Tensor, Tensor]:
    """Cosine and sine for each position, in FP32.

    positions: (..., time) int64. Returns two tensors (..., time, head_dim): each half holds the same d/2 angles, the
    layout of the Hugging Face checkpoints, where dimension i turns with i + d/2.
    """
    if scaling is not None:
        raise NotImplementedError
    turned = positions[..., None].float() * frequencies(head_dim, theta).to(positions.device)
    both = torch.cat([turned, turned], dim=-1)
    return both.cos(), both.sin()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Each pair (x_i, x_{i+d/2}) turned by its angle. x: (batch, heads, time, head_dim); the others broadcast to it."""
    first, second = x.chunk(2, dim=-1)
    return x * cosine + torch.cat([-second, first], dim=-1) * sine
