"""Scaled dot-product attention, the equation and the kernel.

The equation (Vaswani et al. 2017, eq. 1) is what to read, the kernel what runs; a test holds them equal for every mask
and head grouping that the models here use.
"""

from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import Tensor, nn, softmax


def attention_weights(query: Tensor, key: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(QKᵀ/√d): how much every position (row) takes from every other (column).

    query: (batch, heads, time, head_dim); key: (batch, key_value_heads, keys, head_dim); mask: bool, true where a row
    may look, broadcast to (batch, heads, time, keys), or None for everywhere. Returns (batch, heads, time, keys); each
    row adds up to 1.
    """
    key = shared_heads(key, query.shape[1])
    scores = (
        query @ key.mT / query.shape[-1] ** 0.5
    )  # without the root, variance grows with head_dim and softmax saturates
    return softmax(scores if mask is None else scores.masked_fill(~mask, float("-inf")), dim=-1)


def attention_by_the_equation(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(QKᵀ/√d)V. value as key, else as ``attention_weights``. Returns (batch, heads, time, head_dim)."""
    return attention_weights(query, key, mask) @ shared_heads(value, query.shape[1])


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    causal: bool = False,
    dropout: float = 0.0,
) -> Tensor:
    """The same function through the fused kernel, which never holds the (time, keys) matrix; or, inside ``plain``,
    through ``plain_attention``.

    causal: the mask of ``masks.causal`` for as many keys as queries, without building it; not together with ``mask``.
    dropout: the share of weights dropped, for training.
    """
    if _plain:
        return plain_attention(query, key, value, mask, causal=causal, dropout=dropout)
    return nn.functional.scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=mask,
        is_causal=causal,
        dropout_p=dropout,
        enable_gqa=key.shape[1] != query.shape[1],
    )


def plain_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, *, causal: bool, dropout: float
) -> Tensor:
    """The equation in as few steps as may be: one product that scales and masks, a softmax, one product.

    For short rows on a CPU, where what counts is how often memory is passed over and how often a kernel is called. In
    the autocast precision, softmax included, whose sums are FP32 inside; a row that may look nowhere gives nan.
    """
    batch, heads, time, head_dim = query.shape
    keys = key.shape[2]
    kind = query.device.type
    precision = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else query.dtype
    with torch.autocast(kind, enabled=False):
        q, k, v = (
            shared_heads(tensor, heads).to(precision).reshape(batch * heads, -1, head_dim)
            for tensor in (query, key, value)
        )
        allowed = torch.ones(time, keys, dtype=torch.bool, device=query.device).tril() if causal else mask
        added = torch.zeros(1, 1, 1, 1, dtype=precision, device=query.device)
        if allowed is not None:
            added = added.masked_fill(~allowed, float("-inf"))
        if added.ndim == 4 and added.shape[0] > 1:  # a mask for each row of the batch: the same for its heads
            added = added.expand(batch, heads, *added.shape[2:]).reshape(batch * heads, *added.shape[2:])
        else:
            added = added.reshape(added.shape[-2:])
        scores = torch.baddbmm(added, q, k.mT, alpha=head_dim**-0.5)
        weights = nn.functional.dropout(softmax(scores, dim=-1), dropout)
        return (weights @ v).view(batch, heads, time, head_dim)


@contextmanager
def plain() -> Generator[None]:
    """Every attention of this process runs on ``plain_attention`` for as long as the context lasts."""
    global _plain  # noqa: PLW0603 - a kernel's choice is the process's, as torch's own are
    was, _plain = _plain, True
    try:
        yield
    finally:
        _plain = was


_plain = False


def shared_heads(tensor: Tensor, heads: int) -> Tensor:
    """Grouped-query attention (Ainslie et al. 2023): one key and value head serves several query heads.

    tensor: (batch, key_value_heads, keys, head_dim). Returns (batch, heads, keys, head_dim).
    """
    groups = heads // tensor.shape[1]
    return tensor if groups == 1 else tensor.repeat_interleave(groups, dim=1)
