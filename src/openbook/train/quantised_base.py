"""A frozen base in 8 bits: codes and absolute-maximum scales, turned back into weights where they are multiplied.

QLoRA's idea (Dettmers et al. 2023, eq. 5) with int8 in place of their 4-bit NormalFloat: the base is stored small and
never trained, and the gradient flows through it into adapters of full precision. A weight takes one byte and a share of
a scale.

    quantise(model); lora.add(model, LoraConfig())
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from openbook.errors import OpenbookError

_LEVELS = 127  # -128 is left out, so that a weight and its negative have codes of one size


class BadQuantisation(OpenbookError):
    """Weights that cannot be held in 8 bits as asked."""


def quantised(weight: Tensor, group: int | None = None) -> tuple[Tensor, Tensor]:
    """round(127 · w / max |w|), the maximum over each output row, or over each ``group`` of its inputs.

    weight: (out, in), finite. Returns codes, (out, in) int8, and scales max |w| / 127, (out, in / group) in FP32. No
    weight moves by more than half its scale.
    """
    size = weight.shape[1] if group is None else group
    if size < 1 or weight.shape[1] % size:
        raise BadQuantisation(f"groups of {size} do not divide {weight.shape[1]} inputs: choose a divisor, or none")
    if not torch.isfinite(weight).all():
        raise BadQuantisation("a weight is not a finite number: mend the checkpoint before quantising it")
    groups = weight.detach().float().reshape(weight.shape[0], -1, size)
    scales = groups.abs().amax(dim=2) / _LEVELS
    safe = torch.where(scales > 0, scales, 1.0)  # a row of zeros has codes 0
    codes = (groups / safe[..., None]).round().clamp(-_LEVELS, _LEVELS).to(torch.int8)
    return codes.view(weight.shape), scales


def dequantise(weight: Tensor, scales: Tensor | None, dtype: torch.dtype) -> Tensor:
    """The weights that codes stand for, in ``dtype``; a weight that is not quantised only changes type."""
    if scales is None:
        return weight.to(dtype)
    groups = weight.to(dtype).view(*scales.shape, -1)
    return groups.mul_(scales.to(dtype)[..., None]).view(weight.shape)


class QuantisedLinear(nn.Module):
    """A linear layer without a weight of its own: codes, scales, bias. Nothing in it trains.

    dtype: of the weights that it stands for, which they get back when they leave their 8 bits.
    """

    codes: Tensor
    scales: Tensor

    def __init__(self, codes: Tensor, scales: Tensor, bias: Tensor | None, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.register_buffer("codes", codes)
        self.register_buffer("scales", scales)
        self.bias = None if bias is None else nn.Parameter(bias.detach(), requires_grad=False)
        self.out_features, self.in_features = codes.shape

    @property
    def weight(self) -> Tensor:
        """The weights that the codes stand for, (out, in) in FP32, made anew at each call."""
        return dequantise(self.codes, self.scales, torch.float32)

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., in). Returns (..., out)."""
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return cast("Tensor", _Frozen.apply(x, self.codes, self.scales, bias))  # pyright: ignore[reportUnknownMemberType]


class _Frozen(torch.autograd.Function):
    """x Wᵀ + bias, which keeps the codes for the backward pass and not the weights made from them."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, codes: Tensor, scales: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(codes, scales)
        return nn.functional.linear(x, dequantise(codes, scales, x.dtype), bias)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        codes, scales = ctx.saved_tensors
        return grads[0] @ dequantise(codes, scales, grads[0].dtype), None, None, None


def quantise(model: nn.Module, group: int | None = None, skip: Sequence[str] = ("unembedding",)) -> None:
    """Replace every linear layer of the model, but those named in ``skip``, by its 8-bit form, one at a time.

    Embeddings and norms keep their precision: they are looked up and summed rather than multiplied through.
    """
    for path, module in list(cast("Iterator[tuple[str, nn.Module]]", model.named_modules())):
        owner, _, last = path.rpartition(".")
        if isinstance(module, nn.Linear) and last not in skip:
            codes, scales = quantised(module.weight, group)
            small = QuantisedLinear(codes, scales, module.bias, module.weight.dtype)
            setattr(model.get_submodule(owner), last, small.train(mode=module.training))
