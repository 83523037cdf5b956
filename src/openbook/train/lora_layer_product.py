"""x Wᵀ + s·(x Aᵀ) Bᵀ with W frozen: a forward and a backward pass that hold as little as they can.

What the plain composition of operations keeps for the backward pass and this one does not: the scaled product and the
sum (each as large as the output), the input once more after dropout (a mask of one byte is kept), a copy of the input
in the adapter's precision, and a dequantised W. x itself is saved by reference, so that query, key and value, or gate
and up, share one. W needs no gradient, so of the four large products of training a linear layer two remain.
"""

from typing import Any, cast

import torch
from torch import Tensor

from openbook.train.quantised_base import dequantise


class Product(torch.autograd.Function):
    """x: (..., in), any float type, in which the products run; a, b: FP32 masters or the same type."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        scales: Tensor | None,
        bias: Tensor | None,
        a: Tensor,
        b: Tensor,
        scale: float,
        dropout: float,
    ) -> Tensor:
        """weight: (out, in), or codes with ``scales``; a: (rank, in); b: (out, rank). Returns (..., out)."""
        rows = x.reshape(-1, x.shape[-1])
        kept = torch.rand_like(rows, dtype=torch.float32) >= dropout if dropout else None
        low = _dropped(rows, kept, dropout) @ a.to(x.dtype).mT
        low *= scale
        y = torch.nn.functional.linear(rows, dequantise(weight, scales, x.dtype), _cast(bias, x.dtype))
        y.addmm_(low, b.to(x.dtype).mT)
        ctx.save_for_backward(x, weight, scales, a, b, low, kept)
        ctx.scale, ctx.dropout = scale, dropout
        return y.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, scales, a, b, low, kept = ctx.saved_tensors
        needs = ctx.needs_input_grad
        grad = grads[0].reshape(-1, grads[0].shape[-1])
        rows = x.reshape(-1, x.shape[-1])
        grad_low = grad @ b.to(grad.dtype)
        grad_low *= ctx.scale
        grad_a = grad_b = grad_x = None
        if needs[4]:
            grad_a = (grad_low.mT @ _dropped(rows, kept, ctx.dropout)).to(a.dtype)
        if needs[5]:
            grad_b = (low.mT @ grad).mT.to(b.dtype)  # the other order, gradᵀ low, is slower by half
        if needs[0]:
            grad_x = grad @ dequantise(weight, scales, grad.dtype)
            if kept is None:
                grad_x.addmm_(grad_low, a.to(grad.dtype))
            else:
                grad_x += _dropped(grad_low @ a.to(grad.dtype), kept, ctx.dropout)
            grad_x = grad_x.view_as(x)
        grad_weight = grad.mT @ rows if needs[1] else None  # only where someone trains the base as well
        grad_bias = grad.sum(0) if needs[3] else None
        return grad_x, grad_weight, None, grad_bias, grad_a, grad_b, None, None


def product(
    x: Tensor,
    weight: Tensor,
    scales: Tensor | None,
    bias: Tensor | None,
    a: Tensor,
    b: Tensor,
    scale: float,
    dropout: float = 0.0,
) -> Tensor:
    """``Product``, in autocast's type where autocast is on, else in x's."""
    if torch.is_autocast_enabled(x.device.type):
        x = x.to(torch.get_autocast_dtype(x.device.type))
    return cast("Tensor", Product.apply(x, weight, scales, bias, a, b, scale, dropout))  # pyright: ignore[reportUnknownMemberType]


def _dropped(rows: Tensor, kept: Tensor | None, dropout: float) -> Tensor:
    return rows if kept is None else rows * kept / (1 - dropout)


def _cast(bias: Tensor | None, dtype: torch.dtype) -> Tensor | None:
    return None if bias is None else bias.to(dtype)
