"""Ticks are round, few, in order, and never outside of what they mark."""

from itertools import pairwise
from math import inf, log10, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.report.frame import tick_labels
from openbook.report.problems import ReportProblem
from openbook.report.ticks import log_ticks, span_of, step_of, ticks, ticks_around

values = st.lists(st.floats(-1e50, 1e50), min_size=1, max_size=5)


@given(values, st.integers(3, 8))
def test_linear_ticks(drawn: list, count: int) -> None:
    low, high = span_of(drawn, "x")
    assert low < high
    assert low <= min(drawn) <= max(drawn) <= high
    step = step_of(low, high, count)
    around = ticks_around(low, high, count)
    assert low - step <= around[0] <= low + step * 1e-5
    assert high - step * 1e-5 <= around[-1] <= high + step
    assert 2 <= len(around) <= 2 * count + 3
    marks = ticks(low, high, count)
    assert 1 <= len(marks) <= 2 * count + 2
    assert all(b > a for a, b in pairwise(marks))
    assert all(low - step * 1e-5 <= mark <= high + step * 1e-5 for mark in marks)
    factor = step / 10 ** round(log10(step))
    assert any(abs(factor - nice) < 1e-6 for nice in (0.5, 1, 2, 2.5, 5, 0.25, 0.2))
    assert len(tick_labels(marks)) == len(marks)


@given(st.integers(-20, 20), st.integers(-30, 30), st.sampled_from([1, 2, 2.5, 5]))
def test_labels_of_different_ticks_differ(first: int, power: int, factor: float) -> None:
    step = factor * 10.0**power
    labels = tick_labels([(first + index) * step for index in range(6)])
    assert len(set(labels)) == 6


@given(st.floats(1e-30, 1e30), st.floats(1.001, 1e20))
def test_log_ticks(low: float, ratio: float) -> None:
    high = low * ratio
    marks = log_ticks(low, high)
    assert 1 <= len(marks) <= 10
    assert all(b > a for a, b in pairwise(marks))
    assert all(low * 0.999 <= mark <= high * 1.001 for mark in marks)


def test_golden_ticks() -> None:
    assert ticks(0, 1) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert ticks_around(0.03, 0.47) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert log_ticks(1000, 100_000) == pytest.approx([1e3, 1e4, 1e5])
    assert log_ticks(1, 30) == pytest.approx([1, 2, 5, 10, 20])
    assert span_of([5.0], "x") == (4.5, 5.5)
    assert span_of([0.0, 0.0], "x") == (-1, 1)


@pytest.mark.parametrize("bad", [[], [nan], [1, inf], [-1e200]])
def test_what_cannot_be_marked_is_refused(bad: list) -> None:
    with pytest.raises(ReportProblem):
        span_of(bad, "the x axis")
