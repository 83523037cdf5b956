"""The position-wise feed-forward layer: SwiGLU, and GELU between two products."""

from torch import Tensor, nn

from openbook.model.config import Activation
from openbook.model.precision import for_products


class SwiGLU(nn.Module):
    """down(silu(gate(x)) · up(x)) (Shazeer 2020, eq. 6). x: (..., width)."""

    def __init__(self, width: int, inner: int, *, bias: bool = False) -> None:
        super().__init__()
        self.gate = nn.Linear(width, inner, bias=bias)
        self.up = nn.Linear(width, inner, bias=bias)
        self.down = nn.Linear(inner, width, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        x = for_products(x)
        return self.down(nn.functional.silu(self.gate(x)) * self.up(x))


class GELU(nn.Module):
    """down(gelu(up(x))) (Hendrycks and Gimpel 2016), with their tanh approximation where asked. x: (..., width)."""

    def __init__(self, width: int, inner: int, *, tanh: bool, bias: bool = True) -> None:
        super().__init__()
        self.up = nn.Linear(width, inner, bias=bias)
        self.down = nn.Linear(inner, width, bias=bias)
        self.approximate = "tanh" if tanh else "none"

    def forward(self, x: Tensor) -> Tensor:
        return self.down(nn.functional.gelu(self.up(x), approximate=self.approximate))


def feed_forward(activation: Activation, width: int, inner: int, *, bias: bool) -> SwiGLU | GELU:
    """The layer that a configuration names."""
    if activation == "swiglu":
        return SwiGLU(width, inner, bias=bias)
    return GELU(width, inner, tanh=activation == "gelu_tanh", bias=bias)
