"""A diffusion transformer: a picture's patches as a row of tokens, whose blocks begin as the identity (Peebles and Xie
2023).

Time and condition set the scale, shift and gate of each block's two halves (adaLN-zero, their figure 3); the gates
begin at 0. The attention is that of every other model here, with the condition's tokens beside the patches.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from openbook.diffusion.learn.place_attention import PlaceAttention
from openbook.diffusion.learn.time_embedding import TimeEmbedding
from openbook.diffusion.learn.unet import zeroed
from openbook.diffusion.shapes import DitShape
from openbook.model.feed_forward import GELU

_EPSILON = 1e-6
_WAVES = 256


def modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """x (1 + scale) + shift, one of each for a picture. x: (batch, patches, width); shift, scale: (batch, width)."""
    return torch.addcmul(shift[:, None], x, 1 + scale[:, None])


class DitBlock(nn.Module):
    """x + gate · attention(modulated norm(x)), then the same with a feed-forward layer."""

    def __init__(self, width: int, heads: int, condition: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width, _EPSILON, elementwise_affine=False)
        self.attention = PlaceAttention(width, heads, condition)
        self.feed_forward_norm = nn.LayerNorm(width, _EPSILON, elementwise_affine=False)
        self.feed_forward = GELU(width, 4 * width, tanh=True)
        self.tell = zeroed(nn.Linear(width, 6 * width))

    def forward(self, x: Tensor, told: Tensor, condition: Tensor | None) -> Tensor:
        """x: (batch, patches, width); told: (batch, width). Returns x's shape."""
        shift, scale, gate, shift_after, scale_after, gate_after = self.tell(told).chunk(6, dim=1)
        mixed = self.attention(modulated(self.attention_norm(x), shift, scale), condition)
        x = torch.addcmul(x, gate[:, None], mixed)
        thought = self.feed_forward(modulated(self.feed_forward_norm(x), shift_after, scale_after))
        return torch.addcmul(x, gate_after[:, None], thought)


class Dit(nn.Module):
    """(batch, channels, size, size) at a time to a prediction of that shape. condition: width of its tokens, or 0."""

    places: Tensor

    def __init__(self, shape: DitShape, channels: int, size: int, condition: int) -> None:
        super().__init__()
        shape.check(size)
        self.patch, self.side, self.channels = shape.patch, size // shape.patch, channels
        self.time = TimeEmbedding(_WAVES, shape.width)
        self.pooled = nn.Linear(condition, shape.width) if condition else None
        self.enter = nn.Linear(channels * shape.patch**2, shape.width)
        self.register_buffer("places", sinusoidal_places(self.side, shape.width), persistent=False)
        self.blocks = nn.ModuleList(DitBlock(shape.width, shape.heads, condition) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width, _EPSILON, elementwise_affine=False)
        self.tell = zeroed(nn.Linear(shape.width, 2 * shape.width))
        self.leave = zeroed(nn.Linear(shape.width, channels * shape.patch**2))

    def forward(self, x: Tensor, time: Tensor, condition: Tensor | None) -> Tensor:
        """x: (batch, channels, size, size); time: (batch,); condition: (batch, tokens, width). Returns x's shape."""
        told = self.time(time)
        if self.pooled is not None and condition is not None:
            told = told + self.pooled(condition.mean(dim=1))
        told = silu(told)
        x = self.enter(self.patches(x)) + self.places
        for block in self.blocks:
            x = block(x, told, condition)
        shift, scale = self.tell(told).chunk(2, dim=1)
        return self.picture(self.leave(modulated(self.norm(x), shift, scale)))

    def patches(self, x: Tensor) -> Tensor:
        """(batch, channels, size, size) to (batch, patches, channels · patch²), row by row."""
        parts = x.reshape(-1, self.channels, self.side, self.patch, self.side, self.patch)
        return parts.permute(0, 2, 4, 1, 3, 5).reshape(-1, self.side**2, self.channels * self.patch**2)

    def picture(self, patches: Tensor) -> Tensor:
        """What ``patches`` was given."""
        parts = patches.reshape(-1, self.side, self.side, self.channels, self.patch, self.patch)
        size = self.side * self.patch
        return parts.permute(0, 3, 1, 4, 2, 5).reshape(-1, self.channels, size, size)


def sinusoidal_places(side: int, width: int) -> Tensor:
    """Sines and cosines of each patch's row, then of its column (their appendix A, after Dosovitskiy et al. 2021).

    Returns (side², width).
    """
    rates = 10_000.0 ** -(torch.arange(width // 4, dtype=torch.float32) / (width // 4))
    angles = torch.arange(side, dtype=torch.float32)[:, None] * rates
    one = torch.cat([angles.sin(), angles.cos()], dim=1)
    rows = one[:, None].expand(side, side, -1)
    return torch.cat([rows, rows.transpose(0, 1)], dim=2).flatten(0, 1)
