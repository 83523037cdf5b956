"""Newcombe's interval for AUROC: its ends solve the equation, it mirrors, and it is open where nothing errs."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.auroc_interval import newcombe
from openbook.evaluate.calibration import auroc
from openbook.evaluate.scores import BadScores

KINDS = st.integers(1, 500)


def variance(theta: float, m: int, n: int) -> float:
    more = (m + n) / 2 - 1
    return theta * (1 - theta) * (1 + more * (1 - theta) / (2 - theta) + more * theta / (1 + theta)) / (m * n)


@given(st.floats(0, 1), KINDS, KINDS)
def test_the_ends_solve_the_equation_or_are_those_of_all_shares(value: float, m: int, n: int) -> None:
    found = newcombe(value, m, n)
    assert 0 <= found.low <= value <= found.high <= 1
    z = NormalDist().inv_cdf(0.975)
    for end in (found.low, found.high):
        assert abs(value - end) == pytest.approx(z * variance(end, m, n) ** 0.5, abs=1e-6) or end in (0.0, 1.0)
    mirrored = newcombe(1 - value, n, m)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((found.low, found.high), abs=1e-6)


def test_told_apart_without_fault_leaves_room_and_less_the_more_there_are() -> None:
    few, many = newcombe(1.0, 10, 10), newcombe(1.0, 200, 200)
    assert few.high == many.high == pytest.approx(1.0)
    assert 0.75 < few.low < 0.85 < many.low < 1


def test_it_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    kind = [1.0] * 15 + [0.0] * 15
    true = NormalDist().cdf(1.5 / 2**0.5)
    held = 0
    for _ in range(400):
        scores = rng.normal(size=30) + 1.5 * np.array(kind)
        value = auroc(scores, kind)
        assert value is not None
        interval = newcombe(value, 15, 15)
        held += interval.low <= true <= interval.high
    assert 0.92 <= held / 400 <= 0.99


@pytest.mark.parametrize(("value", "m", "n"), [(1.1, 2, 2), (float("nan"), 2, 2), (0.5, 0, 2)])
def test_what_is_no_auroc_is_refused(value: float, m: int, n: int) -> None:
    with pytest.raises(BadScores, match="an AUROC needs"):
        newcombe(value, m, n)
