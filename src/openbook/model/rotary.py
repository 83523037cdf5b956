"""Rotary position embedding: queries and keys turned by an angle that grows with position (Su et al. 2021, eq. 34).

A model trained on short texts is stretched to longer ones by turning more slowly; ``stretched`` chooses between the
four ways that checkpoints name: that which depends on the text's length is here, the others are in ``stretch``.
"""

import torch
from torch import Tensor

from openbook.model.config import RotaryScaling
from openbook.model.stretch import stretch

Turn = tuple[Tensor, Tensor]
"""Cosine and sine of the rotary angles, (batch or 1, 1, time, head_dim)."""


def frequencies(head_dim: int, theta: float | Tensor, device: torch.device | None = None) -> Tensor:
    """1 / θ^(2i/d) for i = 0 … d/2 - 1: radians a position. Returns (head_dim / 2,) in FP32."""
    return 1.0 / theta ** (torch.arange(0, head_dim, 2, dtype=torch.float32, device=device) / head_dim)


def dynamic_theta(theta: float, head_dim: int, scaling: RotaryScaling, length: Tensor) -> Tensor:
    """θ · (s·L/L₀ - (s - 1))^(d/(d-2)) for a text of L > L₀ tokens: "dynamic NTK" (bloc97 and emozilla 2023).

    The slowest pair of dimensions then turns as if the text had L₀ tokens, the fastest as ever. length: int64, ().
    """
    length = length.clamp(min=scaling.original)
    stretch = scaling.factor * length / scaling.original - (scaling.factor - 1)
    return theta * stretch ** (head_dim / (head_dim - 2))


def stretched(head_dim: int, theta: float, scaling: RotaryScaling | None, positions: Tensor) -> tuple[Tensor, float]:
    """The frequencies, (head_dim / 2,), and the factor on cosine and sine, as ``scaling`` asks."""
    if scaling is not None and scaling.kind == "dynamic":
        longest = dynamic_theta(theta, head_dim, scaling, positions.max() + 1)
        return frequencies(head_dim, longest, positions.device), 1.0
    turning = frequencies(head_dim, theta, positions.device)
    index = torch.arange(len(turning), dtype=torch.float32, device=positions.device)
    return stretch(turning, index, theta, scaling)


def angles(
    positions: Tensor, head_dim: int, theta: float, scaling: RotaryScaling | None = None
) -> tuple[Tensor, Tensor]:
    """Cosine and sine for each position, in FP32 whatever surrounds them: in BF16, position 257 would be 256.

    positions: (..., time) int64. Returns two tensors (..., time, head_dim): each half holds the same d/2 angles, the
    layout of the Hugging Face checkpoints, where dimension i turns with i + d/2.
    """
    turning, attention = stretched(head_dim, theta, scaling, positions)
    turned = positions[..., None].float() * turning
    both = torch.cat([turned, turned], dim=-1)
    return both.cos() * attention, both.sin() * attention


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Each pair (x_i, x_{i+d/2}) turned by its angle. x: (batch, heads, time, head_dim); the others broadcast to it.

    The halves change places by a roll, and the sign goes to the sine: with ``cat`` of the negated halves, torch 2.13
    compiles a backward pass in BF16 on CPUs that gives nan.
    """
    half = x.shape[-1] // 2
    signed = torch.cat([-sine[..., :half], sine[..., half:]], dim=-1)
    return x * cosine + x.roll(half, dims=-1) * signed
