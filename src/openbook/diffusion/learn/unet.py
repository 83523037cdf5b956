"""A U-Net: down to where a glance takes in the whole picture, up again with what was seen on the way (Ho et al. 2020).

Residual blocks are told time and condition by a scale and a shift behind their second norm, attention stands at the
smaller sizes, and the last convolution of each block begins at 0 (Dhariwal and Nichol 2021, section 3).
"""

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, silu

from openbook.diffusion.learn.place_attention import PlaceAttention
from openbook.diffusion.learn.time_embedding import TimeEmbedding
from openbook.diffusion.shapes import GROUPS, UnetShape

M = TypeVar("M", bound=nn.Module)


class ResidualBlock(nn.Module):
    """x + conv(silu(scaled and shifted norm(conv(silu(norm(x))))))."""

    def __init__(self, inside: int, outside: int, told: int, dropout: float) -> None:
        super().__init__()
        self.norm_in = nn.GroupNorm(GROUPS, inside)
        self.conv_in = nn.Conv2d(inside, outside, 3, padding=1)
        self.tell = nn.Linear(told, 2 * outside)
        self.norm_out = nn.GroupNorm(GROUPS, outside)
        self.drop = nn.Dropout(dropout)
        self.conv_out = zeroed(nn.Conv2d(outside, outside, 3, padding=1))
        self.skip = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """x: (batch, inside, height, width); told: (batch, told). Returns (batch, outside, height, width)."""
        hidden = self.conv_in(silu(self.norm_in(x)))
        scale, shift = self.tell(told)[..., None, None].chunk(2, dim=1)
        hidden = silu(self.norm_out(hidden) * (1 + scale) + shift)
        return self.skip(x) + self.conv_out(self.drop(hidden))


class AttentionBlock(nn.Module):
    """x + attention(norm(x)) over a picture's places."""

    def __init__(self, width: int, heads: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width)
        self.attention = PlaceAttention(width, heads, condition)
        zeroed(self.attention.output)

    def forward(self, x: Tensor, condition: Tensor | None) -> Tensor:
        """x: (batch, width, height, width), whose channels lie together, so that places are its rows as they are."""
        places = self.norm(x).permute(0, 2, 3, 1)
        mixed = self.attention(places.flatten(1, 2), condition)
        return x + mixed.view(places.shape).permute(0, 3, 1, 2)


class Unet(nn.Module):
    """(batch, channels, size, size) at a time to a prediction of that shape. condition: width of its tokens, or 0."""

    def __init__(self, shape: UnetShape, channels: int, size: int, condition: int) -> None:
        super().__init__()
        shape.check(size)
        widths = [shape.width * multiplier for multiplier in shape.multipliers]
        told = 4 * shape.width
        self.time = TimeEmbedding(shape.width, told)
        self.pooled = nn.Linear(condition, told) if condition else None
        self.enter = nn.Conv2d(channels, shape.width, 3, padding=1)

        def attention(width: int, side: int) -> nn.Module | None:
            return AttentionBlock(width, shape.heads, condition) if side in shape.attention else None

        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        kept, width = [shape.width], shape.width
        for halvings, wide in enumerate(widths):
            for _ in range(shape.blocks):
                block = ResidualBlock(width, wide, told, shape.dropout)
                self.down.append(Stage(block, attention(wide, size >> halvings)))
                width = wide
                kept.append(width)
            if halvings < len(widths) - 1:
                self.down.append(Halved(width))
                kept.append(width)
        self.middle = Stage(
            ResidualBlock(width, width, told, shape.dropout), AttentionBlock(width, shape.heads, condition)
        )
        self.after = Stage(ResidualBlock(width, width, told, shape.dropout), None)
        for halvings, wide in reversed(list(enumerate(widths))):
            for _ in range(shape.blocks + 1):
                block = ResidualBlock(width + kept.pop(), wide, told, shape.dropout)
                self.up.append(Stage(block, attention(wide, size >> halvings)))
                width = wide
            if halvings:
                self.up.append(Doubled(width))
        self.norm = nn.GroupNorm(GROUPS, width)
        self.leave = zeroed(nn.Conv2d(width, channels, 3, padding=1))
        self.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def forward(self, x: Tensor, time: Tensor, condition: Tensor | None) -> Tensor:
        """x: (batch, channels, size, size); time: (batch,); condition: (batch, tokens, width). Returns x's shape."""
        told = self.time(time)
        if self.pooled is not None and condition is not None:
            told = told + self.pooled(condition.mean(dim=1))
        told = silu(told)
        x = self.enter(x.contiguous(memory_format=torch.channels_last))
        kept = [x]
        for stage in self.down:
            x = stage(x) if isinstance(stage, Halved) else stage(x, told, condition)
            kept.append(x)
        x = self.after(self.middle(x, told, condition), told, condition)
        for stage in self.up:
            doubled = isinstance(stage, Doubled)
            x = stage(x) if doubled else stage(torch.cat([x, kept.pop()], dim=1), told, condition)
        return self.leave(silu(self.norm(x)))


class Stage(nn.Module):
    """A residual block, and attention behind it where the shape asks for it."""

    def __init__(self, block: ResidualBlock, attention: nn.Module | None) -> None:
        super().__init__()
        self.block = block
        self.attention = attention

    def forward(self, x: Tensor, told: Tensor, condition: Tensor | None) -> Tensor:
        x = self.block(x, told)
        return x if self.attention is None else self.attention(x, condition)


class Halved(nn.Module):
    """Half as high and wide, by a convolution of stride 2."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Doubled(nn.Module):
    """Twice as high and wide, each pixel four times, then a convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(interpolate(x, scale_factor=2.0, mode="nearest"))


def zeroed(module: M) -> M:
    """Its weights at 0: what it is added to is as it was when training begins."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module
