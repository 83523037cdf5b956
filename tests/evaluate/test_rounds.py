"""Speeds in rounds: the middle ratio, and slower only where every round is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.rounds import times_as_fast
from openbook.evaluate.scores import BadScores

RATES = st.lists(st.tuples(st.floats(0.1, 1e6), st.floats(0.1, 1e6)), min_size=1, max_size=9)


def test_by_hand() -> None:
    found = times_as_fast([10, 20, 10], [20, 10, 10])
    assert (found.value, found.low, found.high, found.rounds) == (1, 0.5, 2, 3)
    assert not found.slower
    assert times_as_fast([10, 10], [9, 5]).slower


@given(RATES)
def test_slower_is_every_round_slower(rates: list[tuple[float, float]]) -> None:
    before, after = zip(*rates, strict=True)
    found = times_as_fast(before, after)
    assert found.low <= found.value <= found.high
    assert found.slower == all(new / old < 1 for old, new in rates)


@pytest.mark.parametrize(("before", "after"), [([], []), ([1.0], [1.0, 2.0]), ([0.0], [1.0])])
def test_what_is_no_pair_is_refused(before: list[float], after: list[float]) -> None:
    with pytest.raises(BadScores, match="come in pairs"):
        times_as_fast(before, after)
