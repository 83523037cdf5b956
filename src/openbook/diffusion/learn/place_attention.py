"""Attention over the places of a picture, which see one another and what the picture is to show.

The tokens of the condition stand beside the places as further keys and values, so that one kernel serves both (Nichol
et al. 2021, section 2; Saharia et al. 2022, appendix D.3.1).
"""

import torch
from torch import Tensor, nn

from openbook.model.attention import attention
from openbook.model.precision import for_products


class PlaceAttention(nn.Module):
    """Multi-head. condition: the width of the condition's tokens, 0 where there is no condition."""

    def __init__(self, width: int, heads: int, condition: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.beside = nn.Linear(condition, 2 * width) if condition else None
        self.output = nn.Linear(width, width)

    def forward(self, x: Tensor, condition: Tensor | None) -> Tensor:
        """x: (batch, places, width); condition: (batch, tokens, condition). Returns (batch, places, width)."""
        query, key, value = self.heads_of(x, condition)
        return self.output(attention(query, key, value).transpose(1, 2).flatten(2))

    def heads_of(self, x: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Queries (batch, heads, places, head_dim); keys and values with the tokens behind the places."""
        query, key, value = self._parted(self.qkv(for_products(x)), 3)
        if self.beside is None or condition is None:
            return query, key, value
        more_keys, more_values = self._parted(self.beside(for_products(condition)), 2)
        return query, torch.cat([key, more_keys], dim=2), torch.cat([value, more_values], dim=2)

    def _parted(self, x: Tensor, parts: int) -> tuple[Tensor, ...]:
        """(batch, time, parts · width) to as many (batch, heads, time, head_dim)."""
        batch, time, _ = x.shape
        return x.view(batch, time, parts, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
