"""Advantages are their equations: the sum and the recursion are one, and equal rewards teach nothing."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from openbook.align.advantages import by_the_equation, generalised, in_group, whitened

numbers = st.floats(-10, 10, width=32)


@given(
    st.integers(1, 4).flatmap(
        lambda rows: st.integers(1, 7).flatmap(
            lambda longest: st.tuples(*[arrays(np.float64, (rows, longest), elements=numbers) for _ in range(2)])
        )
    ),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_the_recursion_is_the_sum(both: tuple[np.ndarray, np.ndarray], gamma: float, lam: float) -> None:
    rewards, values = map(torch.from_numpy, both)
    torch.testing.assert_close(
        generalised(rewards, values, gamma, lam), by_the_equation(rewards, values, gamma, lam), atol=1e-9, rtol=1e-9
    )


def test_the_ends_of_lambda_are_one_step_and_the_whole_return() -> None:
    rewards, values = torch.rand(2, 5), torch.rand(2, 5)
    after = torch.cat([values[:, 1:], torch.zeros(2, 1)], 1)
    torch.testing.assert_close(generalised(rewards, values, 0.9, 0.0), rewards + 0.9 * after - values)
    to_come = rewards.flip(1).cumsum(1).flip(1)
    torch.testing.assert_close(generalised(rewards, values, 1.0, 1.0), to_come - values)


@given(arrays(np.float64, (3, 4), elements=st.floats(-100, 100, width=16)), st.floats(0.1, 10), st.floats(-5, 5))
def test_a_groups_advantages_add_up_to_nothing_whatever_the_offset(
    rewards: np.ndarray, scale: float, offset: float
) -> None:
    for scaled in (True, False):
        found = in_group(rewards, scaled=scaled).values
        np.testing.assert_allclose(found.sum(1), 0, atol=1e-9)
        np.testing.assert_allclose(in_group(rewards + offset, scaled=scaled).values, found, atol=1e-2)
    np.testing.assert_allclose(in_group(rewards * scale, scaled=False).values, found * scale, atol=1e-9)


def test_scaled_advantages_are_over_the_deviation_and_unscaled_ones_are_not() -> None:
    rewards = np.array([[1.0, 0.0, 0.0, 1.0], [10.0, 0.0, 0.0, 10.0]])
    np.testing.assert_allclose(np.abs(in_group(rewards, scaled=True).values), 0.5 / (1 / 3) ** 0.5, rtol=1e-3)
    np.testing.assert_array_equal(np.abs(in_group(rewards, scaled=False).values), [[0.5] * 4, [5.0] * 4])


@pytest.mark.parametrize("scaled", [True, False])
def test_equal_rewards_give_exact_zeros_and_are_counted(scaled: bool) -> None:
    rewards = np.array([[0.1] * 7, [0.3] * 7, [0.0] * 6 + [1.0]])  # 7 times 0.1 is not 0.7 in floating point
    found = in_group(rewards, scaled=scaled)
    assert found.equal == 2
    assert not found.values[:2].any()
    assert found.values[2].any()
    assert in_group(np.array([[3.0]]), scaled=scaled).values.tolist() == [[0.0]]  # a reply alone


def test_whitening_looks_at_tokens_that_are_there_alone() -> None:
    mask = torch.tensor([[True, True, False], [True, False, False]])
    found = whitened(torch.tensor([[1.0, 2.0, 900.0], [6.0, 900.0, 900.0]]), mask)
    assert found[mask].mean().item() == pytest.approx(0, abs=1e-6)
    assert found[mask].var().item() == pytest.approx(1, abs=1e-5)
    assert not found[~mask].any()
    assert whitened(torch.tensor([[4.0]]), torch.tensor([[True]])).tolist() == [[0.0]]  # one token: nothing to compare
