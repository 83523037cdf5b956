"""The short-row kernel is the equation, for every mask and grouping, and its gradients are those of the fused one."""

import pytest
import torch

from openbook.model import masks
from openbook.model.attention import attention, attention_by_the_equation, plain

BATCH, HEADS, TIME, WIDE = 2, 4, 6, 8
DOCUMENTS = torch.tensor([[1, 1, 2, 2, 2, 3], [1, 1, 1, 1, 2, 2]])
MASKS = {
    "everywhere": None,
    "causal": masks.causal(TIME),
    "window": masks.causal(TIME, window=2),
    "documents": masks.causal(TIME) & masks.same_document(DOCUMENTS),
    "padding": masks.keys_present(torch.tensor([[True] * 6, [True] * 4 + [False] * 2])),
}


def tensors(shared: int, dtype: torch.dtype = torch.float64) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(BATCH, heads, TIME, WIDE, dtype=dtype, generator=generator).requires_grad_()
        for heads in (HEADS, shared, shared)
    ]


@pytest.mark.parametrize("shared", [4, 2, 1])
@pytest.mark.parametrize("mask", MASKS)
def test_plain_attention_is_the_equation_with_the_fused_gradients(mask: str, shared: int) -> None:
    found, expected = tensors(shared), tensors(shared)
    with plain():
        ours = attention(*found, MASKS[mask])
    torch.testing.assert_close(ours, attention_by_the_equation(*expected, MASKS[mask]))
    theirs = attention(*expected, MASKS[mask])
    ours.square().sum().backward()
    theirs.square().sum().backward()
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a.grad, b.grad)


def test_causal_needs_no_mask_and_the_choice_ends_with_the_context() -> None:
    q, k, v = tensors(4)
    with plain():
        ours = attention(q, k, v, causal=True)
    torch.testing.assert_close(ours, attention_by_the_equation(q, k, v, masks.causal(TIME)))
    assert "ScaledDotProduct" in str(attention(q, k, v, causal=True).grad_fn)
    assert "ScaledDotProduct" not in str(ours.grad_fn)


def test_under_autocast_it_runs_in_bf16_and_stays_near() -> None:
    q, k, v = tensors(4, torch.float32)
    with plain(), torch.autocast("cpu", torch.bfloat16):
        ours = attention(q, k, v, causal=True)
    assert ours.dtype == torch.bfloat16
    torch.testing.assert_close(
        ours.float(), attention_by_the_equation(q, k, v, masks.causal(TIME)), atol=0.03, rtol=0.03
    )


def test_dropped_weights_are_scaled_up() -> None:
    torch.manual_seed(0)
    ones = torch.ones(64, 1, 32, 2)
    with plain():
        found = attention(ones, ones, ones, dropout=0.5)
    assert found.std() > 0.05
    assert found.mean().item() == pytest.approx(1.0, abs=0.02)
