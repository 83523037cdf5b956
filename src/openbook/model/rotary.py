"""Rotary position embedding: queries and keys turned by an angle that grows with position (Su et al. 2021, eq. 34).

A model trained on short texts is stretched to longer ones by turning more slowly; ``stretched`` chooses between the
four ways that checkpoints name, each a plain function here.
"""

from math import ceil, floor, log, pi

import torch
from torch import Tensor

from openbook.model.config import RotaryScaling

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


def llama3(turning: Tensor, scaling: RotaryScaling) -> Tensor:
    """By wavelength λ = 2π/f (Llama 3.1): long waves are divided by the factor, short ones kept, between them a blend.

    turning: (head_dim / 2,). Long: λ > L₀/low. Short: λ < L₀/high. Between: the share (L₀/λ - low) / (high - low) of f.
    """
    wave = 2 * pi / turning
    kept = ((scaling.original / wave - scaling.low) / (scaling.high - scaling.low)).clamp(0, 1)
    return (1 - kept) * turning / scaling.factor + kept * turning


def yarn(turning: Tensor, theta: float, scaling: RotaryScaling) -> Tensor:
    """By turns within the original context (Peng et al. 2023, eq. 17 to 23): few turns are slowed, many kept.

    turning: (head_dim / 2,). The dimension that turns r times in L₀ positions is d · ln(L₀ / 2πr) / (2 ln θ); between
    those of ``high`` and of ``low`` turns the share that is slowed grows linearly from 0 to 1.
    """
    pairs = len(turning)
    bounds = (pairs * log(scaling.original / (2 * pi * turns)) / log(theta) for turns in (scaling.high, scaling.low))
    first, last = bounds
    if scaling.truncate:
        first, last = floor(first), ceil(last)
    first, last = max(first, 0), min(last, 2 * pairs - 1)
    index = torch.arange(pairs, dtype=torch.float32, device=turning.device)
    kept = 1 - ((index - first) / ((last - first) or 0.001)).clamp(0, 1)
    return 1 / (scaling.factor / turning) * (1 - kept) + turning * kept


def yarn_attention(factor: float, scale: float = 1.0) -> float:
    """0.1 m ln s + 1: what cosine and sine are multiplied by, so that attention stays as sharp (eq. 22, √(1/t))."""
    return 0.1 * scale * log(factor) + 1 if factor > 1 else 1.0


def stretched(head_dim: int, theta: float, scaling: RotaryScaling | None, positions: Tensor) -> tuple[Tensor, float]:
    """The frequencies, (head_dim / 2,), and the factor on cosine and sine, as ``scaling`` asks."""
    if scaling is not None and scaling.kind == "dynamic":
        longest = dynamic_theta(theta, head_dim, scaling, positions.max() + 1)
        return frequencies(head_dim, longest, positions.device), 1.0
    turning = frequencies(head_dim, theta, positions.device)
    if scaling is None:
        return turning, 1.0
    if scaling.kind == "linear":
        return turning / scaling.factor, 1.0
    if scaling.kind == "llama3":
        return llama3(turning, scaling), 1.0
    attention = yarn_attention(scaling.factor) if scaling.attention is None else scaling.attention
    return yarn(turning, theta, scaling), attention


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
