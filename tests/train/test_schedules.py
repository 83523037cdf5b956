"""Learning rates: the corners by hand, and what holds of every schedule."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.train.schedules import Decay, cosine, share_of_peak, warm_up, wsd


def test_warm_up_rises_evenly_and_ends_at_the_peak() -> None:
    assert [warm_up(step, 4) for step in range(6)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1])
    assert warm_up(0, 0) == 1


def test_cosine_by_hand() -> None:
    assert cosine(10, 111, 10, 0.1) == 1
    assert cosine(60, 111, 10, 0.1) == pytest.approx(0.55)
    assert cosine(110, 111, 10, 0.1) == pytest.approx(0.1)
    assert cosine(35, 111, 10, 0.0) == pytest.approx((1 + math.cos(math.pi / 4)) / 2)


def test_wsd_by_hand() -> None:
    rates = [wsd(step, 20, 2, 4, 0.0) for step in range(20)]
    assert rates[2:16] == [1.0] * 14
    assert rates[16:] == pytest.approx([1 - math.sqrt(share) for share in (0.25, 0.5, 0.75, 1)])


@given(
    st.sampled_from(["constant", "cosine", "wsd"]),
    st.integers(1, 300),
    st.integers(0, 300),
    st.integers(0, 300),
    st.floats(0, 1),
)
def test_a_share_lies_between_nothing_and_all_and_never_rises_after_warm_up(
    kind: Decay, steps: int, warmup: int, decay: int, floor: float
) -> None:
    warmup, decay = min(warmup, steps), min(decay, steps)
    rates = [share_of_peak(kind, step, steps, warmup=warmup, decay=decay, floor=floor) for step in range(steps)]
    assert all(0 <= rate <= 1 for rate in rates)
    after = rates[warmup:]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(after))
    if kind != "constant" and len(after) > 1 and decay:
        assert after[-1] == pytest.approx(floor)
