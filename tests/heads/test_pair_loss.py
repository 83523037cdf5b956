"""The three losses, held to their equations written out row by row."""

import math

import pytest
import torch

from openbook.heads.pair_encoder import PairLogits
from openbook.heads.pair_loss import UNKNOWN, PairTargets, binary_loss, pair_loss, span_loss

NONE = [[UNKNOWN, UNKNOWN]] * 2


def logits(rows: int = 3, time: int = 6) -> PairLogits:
    generator = torch.Generator().manual_seed(0)
    starts, ends = (torch.randn(rows, time, generator=generator) for _ in range(2))
    starts[:, :2] = ends[:, :2] = float("-inf")  # the question's tokens
    return PairLogits(starts, ends, torch.randn(rows, generator=generator), torch.randn(rows, generator=generator))


def test_the_span_loss_adds_up_every_marked_answer() -> None:
    found = logits()
    spans = torch.tensor([[[2, 3], [4, 4]], [[5, 5], [UNKNOWN, UNKNOWN]], NONE])
    p, q = found.starts.softmax(-1), found.ends.softmax(-1)
    expected = [-math.log(p[0, 2] * q[0, 3] + p[0, 4] * q[0, 4]), -math.log(p[1, 5] * q[1, 5]), 0.0]
    assert span_loss(found.starts, found.ends, spans).tolist() == pytest.approx(expected, abs=1e-5)


def test_what_is_not_known_counts_for_nothing() -> None:
    scores = torch.tensor([1.0, -2.0, 3.0])
    losses = binary_loss(scores, torch.tensor([1.0, 0.0, UNKNOWN]))
    assert losses.tolist() == pytest.approx([math.log(1 + math.exp(-1)), math.log(1 + math.exp(-2)), 0.0], abs=1e-6)


def test_the_whole_loss_is_the_weighted_sum_and_has_gradients_only_where_something_is_known() -> None:
    found = logits()
    for tensor in (found.starts, found.ends, found.relevance, found.no_answer):
        tensor.requires_grad_()
    targets = PairTargets(
        torch.tensor([[[2, 3], [4, 4]], NONE, NONE]),
        torch.tensor([1.0, 0.0, UNKNOWN]),
        torch.tensor([1.0, 1.0, UNKNOWN]),
    )
    loss = pair_loss(found, targets, no_answer=2.0, relevance=0.5)
    abstain = binary_loss(found.no_answer, torch.tensor([0.0, 1.0, UNKNOWN])).sum()
    rank = binary_loss(found.relevance, targets.relevant).sum()
    spans = span_loss(found.starts, found.ends, targets.spans).sum()
    assert loss.item() == pytest.approx((spans + 2 * abstain + 0.5 * rank).item(), abs=1e-5)
    loss.backward()
    assert not found.starts.grad[1:].any()
    assert not found.relevance.grad[2]
    assert found.relevance.grad[:2].all()
    assert torch.isfinite(found.starts.grad).all()
