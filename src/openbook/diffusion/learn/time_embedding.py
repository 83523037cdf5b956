"""A level's time as a vector: sines and cosines of many wave lengths, then two layers."""

from math import log

import torch
from torch import Tensor, nn

from openbook.model.precision import for_products

_STEPS = 1000.0
"""Time runs from 0 to 1 here, and in thousandths in the papers that chose the wave lengths."""


def rates(half: int, longest: float = 10_000.0, device: torch.device | None = None) -> Tensor:
    """1 / longest^(i / half), i from 0. Returns (half,), FP32."""
    return torch.exp(torch.arange(half, device=device, dtype=torch.float32) * (-log(longest) / half))


def sinusoidal(time: Tensor, width: int, longest: float = 10_000.0) -> Tensor:
    """cos and sin of 1000 · time / longest^(i / half), i from 0 (Vaswani et al. 2017, section 3.5; Ho et al. 2020, B).

    time: (batch,), in [0, 1]. Returns (batch, width), FP32, the cosines first; width is even.
    """
    angles = (_STEPS * time.float())[:, None] * rates(width // 2, longest, time.device)
    return torch.cat([angles.cos(), angles.sin()], dim=1)


class TimeEmbedding(nn.Module):
    """down(silu(up(sinusoidal(time))))."""

    def __init__(self, waves: int, width: int) -> None:
        super().__init__()
        self.waves = waves
        self.up = nn.Linear(waves, width)
        self.down = nn.Linear(width, width)

    def forward(self, time: Tensor) -> Tensor:
        """time: (batch,). Returns (batch, width)."""
        return self.down(nn.functional.silu(self.up(for_products(sinusoidal(time, self.waves)))))
