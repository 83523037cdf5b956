"""DPO and IPO have the values and gradients of TRL's trainer, and their optima where the papers say."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from openbook.align.dpo import dpo_loss, implicit_reward
from openbook.align.ipo import ipo_loss

GOLDEN: Any = json.loads((Path(__file__).parent / "golden_preferences.json").read_text(encoding="utf-8"))
nats = st.floats(-50, 50)


def one(value: float) -> torch.Tensor:
    return torch.tensor([value], dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("case", GOLDEN["cases"])
def test_values_and_gradients_are_trls(case: str) -> None:
    kind, beta, *smoothing = case.split()
    log_p = torch.tensor(GOLDEN["log_p"], dtype=torch.float64, requires_grad=True)
    ratios = log_p.sum(1) - torch.tensor(GOLDEN["reference"], dtype=torch.float64)
    if kind == "ipo":  # TRL's is of means over the tokens
        chosen, rejected = zip(*GOLDEN["lengths"], strict=True)
        ratios = ratios / torch.tensor([*chosen, *rejected])
        losses = ipo_loss(*ratios.chunk(2), float(beta))
    else:
        losses = dpo_loss(*ratios.chunk(2), float(beta), float(smoothing[0]) if smoothing else 0.0)
    expected = GOLDEN["cases"][case]
    torch.testing.assert_close(losses, torch.tensor(expected["losses"], dtype=torch.float64), atol=1e-6, rtol=1e-6)
    losses.sum().backward()
    lengths = [n for side in zip(*GOLDEN["lengths"], strict=True) for n in side]
    for slope, wanted, length in zip(log_p.grad, expected["slopes"], lengths, strict=True):
        torch.testing.assert_close(
            slope[:length], torch.tensor(wanted[:length], dtype=torch.float64), atol=1e-6, rtol=1e-6
        )


@given(nats, nats, st.floats(0.01, 2), st.floats(0, 0.45))
def test_dpo_is_its_equation(chosen: float, rejected: float, beta: float, smoothing: float) -> None:
    margin = beta * chosen - beta * rejected
    plain = [math.log1p(math.exp(-abs(m))) + max(-m, 0) for m in (margin, -margin)]  # -log sigmoid
    expected = (1 - smoothing) * plain[0] + smoothing * plain[1]
    assert dpo_loss(one(chosen), one(rejected), beta, smoothing).item() == pytest.approx(expected, abs=1e-9)


@given(st.floats(0.05, 2), st.floats(0.01, 0.45))
def test_smoothing_puts_the_optimum_where_the_share_of_wrong_labels_says(beta: float, smoothing: float) -> None:
    chosen = one(math.log((1 - smoothing) / smoothing) / beta)
    dpo_loss(chosen, one(0.0), beta, smoothing).sum().backward()
    assert chosen.grad is not None
    assert chosen.grad.item() == pytest.approx(0, abs=1e-9)
    certain = one(10.0)
    dpo_loss(certain, one(0.0), beta).sum().backward()
    assert certain.grad is not None
    assert certain.grad.item() < 0  # without smoothing there is none


@given(st.floats(0.05, 5), nats)
def test_ipos_optimum_is_a_gap_of_half_over_tau(tau: float, rejected: float) -> None:
    gap = 1 / (2 * tau)
    assert ipo_loss(one(rejected + gap), one(rejected), tau).item() == pytest.approx(0, abs=1e-9)
    assert ipo_loss(one(rejected + 2 * gap), one(rejected), tau).item() == pytest.approx(gap**2)


def test_the_gradient_weighs_a_pair_by_how_wrongly_the_implicit_rewards_rank_it() -> None:
    chosen = torch.tensor([-3.0, 0.0, 3.0], requires_grad=True)
    dpo_loss(chosen, torch.zeros(3), 0.5).sum().backward()
    wrong = torch.sigmoid(-implicit_reward(chosen.detach(), 0.5))
    torch.testing.assert_close(chosen.grad, -0.5 * wrong)  # Rafailov et al. 2023, section 4
