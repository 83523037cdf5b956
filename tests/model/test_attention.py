"""Attention: the kernel equals the equation, and the equation does what it says."""

import pytest
import torch

from openbook.model import masks
from openbook.model.attention import attention, attention_by_the_equation, attention_weights


def heads(seed: int, count: int, time: int) -> torch.Tensor:
    return torch.randn(2, count, time, 8, generator=torch.Generator().manual_seed(seed))


MASKS = {
    "everywhere": None,
    "causal": masks.causal(7),
    "window": masks.causal(7, window=3),
    "packed": masks.causal(7) & masks.same_document(torch.tensor([[0, 0, 0, 1, 1, 2, 2], [5, 5, 5, 5, 5, 5, 6]])),
    "padded": masks.keys_present(torch.tensor([[True] * 5 + [False] * 2, [True] * 7])),
}


@pytest.mark.parametrize("key_value_heads", [1, 2, 4])
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS.keys())
def test_the_kernel_equals_the_equation(mask: torch.Tensor | None, key_value_heads: int) -> None:
    query, key, value = heads(0, 4, 7), heads(1, key_value_heads, 7), heads(2, key_value_heads, 7)
    torch.testing.assert_close(attention(query, key, value, mask), attention_by_the_equation(query, key, value, mask))


def test_the_kernels_own_causal_mask_is_ours() -> None:
    query, key, value = heads(0, 4, 7), heads(1, 2, 7), heads(2, 2, 7)
    ours = attention_by_the_equation(query, key, value, masks.causal(7))
    torch.testing.assert_close(attention(query, key, value, causal=True), ours)


def test_weights_are_a_distribution_over_what_may_be_seen() -> None:
    weights = attention_weights(heads(0, 4, 7), heads(1, 4, 7), masks.causal(7, window=2))
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4, 7))
    assert (weights[..., ~masks.causal(7, window=2)] == 0).all()


def test_a_number_that_comes_back_is_another_document() -> None:
    seen = masks.same_document(torch.tensor([[4, 4, 1, 4]]))[0, 0]
    assert seen.int().tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def test_positions_start_again_with_each_document() -> None:
    documents = torch.tensor([[3, 3, 3, 1, 1, 7], [0, 1, 1, 1, 1, 1]])
    assert masks.positions_within(documents).tolist() == [[0, 1, 2, 0, 1, 0], [0, 0, 1, 2, 3, 4]]
