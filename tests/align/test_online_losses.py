"""GRPO has the values and gradients of TRL's trainer; PPO those of a case worked out by hand."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from openbook.align.advantages import generalised, whitened
from openbook.align.groups import present
from openbook.align.grpo import Aggregation, Clip, clipped, k3, losses, shares
from openbook.align.ppo import ValueHead, token_rewards, value_losses

GOLDEN: Any = json.loads((Path(__file__).parent / "golden_online.json").read_text(encoding="utf-8"))
NAMES: dict[str, Aggregation] = {"grpo": "sequence", "bnpo": "token", "dr_grpo": "constant"}
nats = st.floats(-20, 5)


@pytest.mark.parametrize("case", GOLDEN["cases"])
def test_values_and_gradients_are_trls(case: str) -> None:
    wanted = GOLDEN["cases"][case]
    told = wanted["settings"]
    log_p = torch.tensor(GOLDEN["log_p"], dtype=torch.float64, requires_grad=True)
    old, reference, advantages = (torch.tensor(GOLDEN[key]).double() for key in ("old", "reference", "advantages"))
    mask = present(GOLDEN["lengths"], log_p.device)
    clip = Clip(told.get("epsilon", 0.2), told.get("epsilon_high", told.get("epsilon", 0.2)))
    weighted = told.get("use_bias_correction_kl", False)
    beside = reference if told["beta"] else None
    by_token = losses(log_p, old, advantages[:, None], clip, beside, told["beta"], weighted=weighted)
    loss = (by_token * shares(mask, NAMES[told["loss_type"]], GOLDEN["most"])).sum()
    assert loss.item() == pytest.approx(wanted["loss"], abs=1e-6)
    loss.backward()
    torch.testing.assert_close(log_p.grad, torch.tensor(wanted["slopes"], dtype=torch.float64), atol=1e-6, rtol=1e-6)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_what_tokens_weigh(lengths: list[int]) -> None:
    mask = present(lengths, torch.device("cpu"))
    sequence, token, constant = (shares(mask, how, 10) for how in NAMES.values())
    torch.testing.assert_close(sequence.sum(1), torch.full((len(lengths),), 1 / len(lengths)))
    torch.testing.assert_close(token[mask], torch.full((sum(lengths),), 1 / sum(lengths)))
    torch.testing.assert_close(constant[mask], torch.full((sum(lengths),), 1 / (10 * len(lengths))))
    assert not any(weights[~mask].any() for weights in (sequence, token, constant))


@given(nats, nats)
def test_k3_is_never_negative_and_nothing_where_both_agree(log_p: float, reference: float) -> None:
    both = torch.tensor([log_p, reference], dtype=torch.float64)
    assert k3(both[0], both[1]).item() >= 0
    assert k3(both[0], both[0]).item() == 0


def test_k3_is_the_divergence_on_average() -> None:
    policy, reference = torch.tensor([0.7, 0.2, 0.1]).log(), torch.tensor([0.3, 0.3, 0.4]).log()
    expected = (policy.exp() * (policy - reference)).sum()
    torch.testing.assert_close((policy.exp() * k3(policy, reference)).sum(), expected)


@pytest.mark.parametrize(("ratio", "advantage"), [(1.3, 1.0), (1.3, -1.0), (0.7, 1.0), (0.7, -1.0), (1.1, 1.0)])
def test_a_clipped_token_has_no_gradient_and_any_other_has(ratio: float, advantage: float) -> None:
    log_p = torch.tensor([math.log(ratio)], requires_grad=True)
    worth, clip = torch.tensor([advantage]), Clip(0.2, 0.2)
    losses(log_p, torch.zeros(1), worth, clip).sum().backward()
    assert log_p.grad is not None
    assert (log_p.grad.item() == 0) == clipped(log_p.detach(), torch.zeros(1), worth, clip).item()


def test_ppo_by_hand() -> None:
    """Two replies, of 3 and 2 tokens; β = 0.2, γ = 1, λ = 0.5, clip 0.2 for both, value_weight 0.1.

    First reply, score 2:
        log πold                 -1.0    -2.0    -0.5
        log πref                 -1.5    -1.0    -0.5
        -β (log πold - log πref) -0.1     0.2     0
        r                        -0.1     0.2     2.0       the score at the last token
        V                         0.5     1.0     1.5
        δ = r + V' - V            0.4     0.7     0.5       -0.1 + 1.0 - 0.5; 0.2 + 1.5 - 1.0; 2.0 + 0 - 1.5
        Â = δ + ½ Â'              0.875   0.95    0.5       0.4 + 0.475; 0.7 + 0.25
        R = Â + V                 1.375   1.95    2.0
    Second reply, score -1:
        log πold                 -0.7    -0.3
        log πref                 -0.7    -0.8
        r                         0      -1.1               -0.2 · 0.5 - 1
        V                         0.2    -0.4
        δ                        -0.6    -0.7               0 - 0.4 - 0.2; -1.1 + 0 + 0.4
        Â                        -0.95   -0.7               -0.6 - 0.35
        R                        -0.75   -1.1
    The ratios have since become 1.5, 0.9, 0.5 and 1.1, 0.7:
        ρ Â                       1.3125  0.855   0.25     -1.045  -0.49
        clip(ρ) Â                 1.05    0.855   0.4      -1.045  -0.56
        the smaller               1.05    0.855   0.25     -1.045  -0.56      sum 0.55; loss -0.55 / 5 = -0.11
        clipped                   yes     no      no        no      yes
    And the values 1.0, 1.1, 1.5 and 0.0, -1.0:
        within 0.2 of the old     0.7     1.1     1.5       0.0    -0.6
        (V - R)²                  0.140625 0.7225 0.25      0.5625  0.01
        (Vclipped - R)²           0.455625 0.7225 0.25      0.5625  0.25
        ½ the larger              0.2278125 0.36125 0.125   0.28125 0.125     sum 1.1203125; mean 0.2240625
    The whole: -0.11 + 0.1 · 0.2240625 = -0.08759375. Whitened, with mean 0.135 and variance 3.2195 / 4 = 0.804875, the
    first advantage is 0.74 / 0.897148 = 0.824836.
    """
    mask = present([3, 2], torch.device("cpu"))
    old = torch.tensor([[-1.0, -2.0, -0.5], [-0.7, -0.3, 0.0]])
    reference = torch.tensor([[-1.5, -1.0, -0.5], [-0.7, -0.8, 0.0]])
    values = torch.tensor([[0.5, 1.0, 1.5], [0.2, -0.4, 0.0]])
    rewards = token_rewards(torch.tensor([2.0, -1.0]), old, reference, mask, 0.2)
    torch.testing.assert_close(rewards, torch.tensor([[-0.1, 0.2, 2.0], [0.0, -1.1, 0.0]]))
    advantages = generalised(rewards, values, 1.0, 0.5)
    torch.testing.assert_close(advantages, torch.tensor([[0.875, 0.95, 0.5], [-0.95, -0.7, 0.0]]))
    returns = advantages + values
    torch.testing.assert_close(returns, torch.tensor([[1.375, 1.95, 2.0], [-0.75, -1.1, 0.0]]))
    ratios = torch.tensor([[1.5, 0.9, 0.5], [1.1, 0.7, 1.0]])
    log_p, clip = old + ratios.log(), Clip(0.2, 0.2)
    policy = losses(log_p, old, advantages, clip)
    torch.testing.assert_close(policy, torch.tensor([[-1.05, -0.855, -0.25], [1.045, 0.56, 0.0]]))
    assert clipped(log_p, old, advantages, clip).tolist() == [[True, False, False], [False, True, False]]
    now = torch.tensor([[1.0, 1.1, 1.5], [0.0, -1.0, 0.0]])
    of_value = value_losses(now, values, returns, 0.2)
    torch.testing.assert_close(of_value, torch.tensor([[0.2278125, 0.36125, 0.125], [0.28125, 0.125, 0.0]]))
    weights = shares(mask, "token", 3)
    whole = ((policy + 0.1 * of_value) * weights).sum()
    assert (policy * weights).sum().item() == pytest.approx(-0.11, abs=1e-6)
    assert whole.item() == pytest.approx(-0.08759375, abs=1e-6)
    assert whitened(advantages, mask)[0, 0].item() == pytest.approx(0.824836, abs=1e-5)


def test_a_value_that_moved_too_far_has_no_gradient_and_without_a_clip_it_has() -> None:
    old, returns = torch.zeros(1), torch.ones(1)
    for clip, moves in ((0.2, False), (0.0, True)):
        value = torch.tensor([0.5], requires_grad=True)
        value_losses(value, old, returns, clip).sum().backward()
        assert value.grad is not None
        assert (value.grad.item() != 0) == moves


def test_a_value_head_expects_nothing_at_first() -> None:
    assert ValueHead(4)(torch.randn(3, 4)).tolist() == [0.0, 0.0, 0.0]
