"""The moving average of the weights beside its closed form."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from openbook.diffusion.learn.ema import decay_at, follow


@given(decay=st.floats(0, 1), updates=st.integers(1, 12), seed=st.integers(0, 99))
def test_the_average_is_the_sum_of_all_weights_by_age(decay: float, updates: int, seed: int) -> None:
    """d^n w_0 + (1 - d) Σ d^(n - k) w_k."""
    torch.manual_seed(seed)
    model, average = nn.Linear(3, 2).double(), nn.Linear(3, 2).double()
    expected = decay**updates * average.weight.detach()
    for update in range(1, updates + 1):
        with torch.no_grad():
            model.weight.normal_()
        expected = expected + (1 - decay) * decay ** (updates - update) * model.weight.detach()
        follow(average, model, decay)
    torch.testing.assert_close(average.weight.detach(), expected)


def test_memory_grows_to_the_most() -> None:
    decays = [decay_at(update, 0.9) for update in range(1, 200)]
    assert decays[0] == 2 / 11
    assert decays == sorted(decays)
    assert decays[-1] == 0.9
    assert decay_at(10**6, 0) == 0  # the last weights alone
