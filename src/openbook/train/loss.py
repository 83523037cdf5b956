"""Cross-entropy summed over target tokens: the equation, and the chunked form that never holds all logits.

The logits of a batch are its largest tensor by far (tokens × vocabulary). The chunked form computes them a few rows at
a time and keeps only what backward needs: the gradients of hidden states and output weights, which it already has.
"""

from typing import Any, cast

import torch
from torch import Tensor, nn

IGNORED = -100
"""The target of a place that does not count: padding, a prompt."""

LOGITS = 2**21
"""How many logits a CPU holds at once: 8 MiB of FP32, which its caches keep."""

LOGITS_ON_GPU = 2**27
"""How many a GPU does: 512 MiB. Small products would leave most of it idle, and every chunk reads and writes the
gradient of the output weights."""


def cross_entropy_by_the_equation(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """-Σ log softmax(hidden · weightᵀ)[target] over the places that count.

    hidden: (tokens, width); weight: (vocabulary, width); targets: (tokens,) int64. Returns a scalar, FP32.
    """
    counts = targets != IGNORED
    log_probabilities = (hidden[counts] @ weight.T).float().log_softmax(dim=-1)
    return -log_probabilities.gather(1, targets[counts, None]).sum()


def cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """The same function through the library's kernel, all logits at once: what ``chunked_cross_entropy`` replaces."""
    logits = nn.functional.linear(hidden, weight).float()
    return nn.functional.cross_entropy(logits, targets, ignore_index=IGNORED, reduction="sum")


def chunked_cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor, logits: int | None = None) -> Tensor:
    """The same function with at most ``logits`` logits in memory at any time, backward included.

    hidden: (tokens, width); weight: (vocabulary, width), which may be the embedding's; targets: (tokens,) int64,
    IGNORED where a place does not count; logits: by default what suits the device. Returns a scalar. Products run in
    the autocast precision, sums in FP32.
    """
    if logits is None:
        logits = LOGITS if hidden.device.type == "cpu" else LOGITS_ON_GPU
    rows = max(1, logits // weight.shape[0])
    if hidden.shape[0] <= rows:
        return cross_entropy(hidden, weight, targets)
    return cast("Tensor", _Chunked.apply(hidden, weight, targets, rows))  # pyright: ignore[reportUnknownMemberType]


class _Chunked(torch.autograd.Function):
    """Gradients are made with the loss, a chunk at a time, since the logits are at hand then (Hsu et al. 2024).

    d loss / d logits = softmax(logits) - one_hot(target), zero where a place does not count.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, rows: int) -> Tensor:
        kind = hidden.device.type
        precision = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else hidden.dtype
        ctx.kinds = hidden.dtype, weight.dtype
        with torch.autocast(kind, enabled=False):
            return _loss_and_gradients(ctx, hidden, weight.to(precision), targets, rows)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        (scale,) = upstream
        to_hidden, to_weight = ctx.saved_tensors
        return (
            None if to_hidden is None else (to_hidden * scale).to(ctx.kinds[0]),
            None if to_weight is None else (to_weight * scale).to(ctx.kinds[1]),
            None,
            None,
        )


def _loss_and_gradients(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, rows: int) -> Tensor:
    wants_hidden, wants_weight = ctx.needs_input_grad[:2]
    wide = torch.promote_types(weight.dtype, torch.float32)
    total = torch.zeros((), dtype=wide, device=hidden.device)
    to_hidden = torch.empty_like(hidden) if wants_hidden else None
    to_weight = torch.zeros_like(weight, dtype=wide) if wants_weight else None
    for start in range(0, hidden.shape[0], rows):
        part = slice(start, start + rows)
        inputs = hidden[part].to(weight.dtype)
        logits = (inputs @ weight.T).to(wide)
        counts = targets[part] != IGNORED
        right = targets[part].where(counts, 0)[:, None]
        normaliser = logits.logsumexp(dim=-1)
        # not in place: compiled by torch 2.11, a result changed in place has no gradient
        total = total + (normaliser - logits.gather(1, right)[:, 0]).where(counts, 0).sum()
        if wants_hidden or wants_weight:
            # in place: the one tensor of this size
            logits.sub_(normaliser[:, None]).exp_().scatter_add_(1, right, -torch.ones_like(right, dtype=wide))
            error = logits.mul_(counts[:, None]).to(weight.dtype)
            if to_hidden is not None:
                to_hidden[part] = error @ weight
            if to_weight is not None:
                to_weight += error.T @ inputs
    ctx.save_for_backward(to_hidden, to_weight)
    return total
