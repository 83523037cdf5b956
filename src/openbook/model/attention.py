"""Scaled dot-product attention, the equation and the kernel.

The equation (Vaswani et al. 2017, eq. 1) is what to read, the kernel what runs; a test holds them equal for every mask
and head grouping that the models here use.
"""

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
    """The same function through the fused kernel, which never holds the (time, keys) matrix.

    causal: the mask of ``masks.causal`` for as many keys as queries, without building it; not together with ``mask``.
    dropout: the share of weights dropped, for training.
    """
    return nn.functional.scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=mask,
        is_causal=causal,
        dropout_p=dropout,
        enable_gqa=key.shape[1] != query.shape[1],
    )


def shared_heads(tensor: Tensor, heads: int) -> Tensor:
    """Grouped-query attention (Ainslie et al. 2023): one key and value head serves several query heads.

    tensor: (batch, key_value_heads, keys, head_dim). Returns (batch, heads, keys, head_dim).
    """
    groups = heads // tensor.shape[1]
    return tensor if groups == 1 else tensor.repeat_interleave(groups, dim=1)
