"""A transformer layer over a text's tokens before a network reads them.

The frozen encoder was not made to say which words belong to one thing and where it stands. Layers that learn with the
network let the tokens tell one another, once for all of its blocks (the context refiner of Qin et al. 2025).
"""

from torch import Tensor, nn

from openbook.diffusion.learn.place_attention import PlaceAttention
from openbook.model.feed_forward import GELU


class TextLayer(nn.Module):
    """x + attention(norm(x)), then the same with a feed-forward layer."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = PlaceAttention(width, heads, 0)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.feed_forward = GELU(width, 4 * width, tanh=True)

    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, tokens, width). Returns x's shape."""
        x = x + self.attention(self.attention_norm(x), None)
        return x + self.feed_forward(self.feed_forward_norm(x))
