"""Ticks are round, few, in order, and never outside of what they mark."""

from math import inf, log10, nan

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openbook.report.frame import tick_labels
from openbook.report.problems import ReportProblem
from openbook.report.ticks import log_ticks, rounded_out, span_of, step_of, ticks

values = st.lists(st.floats(-1e50, 1e50), min_size=1, max_size=5)


@given(values, st.integers(3, 8))
def test_linear_ticks(drawn: list, count: int) -> None:
    low, high = span_of(drawn, "x")
    assert low < high
    assert low <= min(drawn) <= max(drawn) <= high
    wide_low, wide_high = rounded_out(low, high, count)
    step = step_of(low, high, count)
    assert wide_low <= low + step * 1e-5
    assert wide_high >= high - step * 1e-5
    marks = ticks(low, high, count)
    assert 1 <= len(marks) <= 2 * count + 2
    assert all(b > a for a, b in zip(marks, marks[1:], strict=False))
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
    assert all(b > a for a, b in zip(marks, marks[1:], strict=False))
    assert all(low * 0.999 <= mark <= high * 1.001 for mark in marks)


def test_golden_ticks() -> None:
    assert ticks(0, 1) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert rounded_out(0.03, 0.47) == pytest.approx((0, 0.5))
    assert log_ticks(1000, 100_000) == pytest.approx([1e3, 1e4, 1e5])
    assert log_ticks(1, 30) == pytest.approx([1, 2, 5, 10, 20])
    assert span_of([5.0], "x") == (4.5, 5.5)
    assert span_of([0.0, 0.0], "x") == (-1, 1)


@pytest.mark.parametrize("bad", [[], [nan], [1, inf], [-1e200]])
def test_what_cannot_be_marked_is_refused(bad: list) -> None:
    with pytest.raises(ReportProblem):
        span_of(bad, "the x axis")


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_rounding_out_again_changes_nothing(low: float, extent: float) -> None:
    assume(low + extent > low + 1e-8 * abs(low))
    once = rounded_out(low, low + extent)
    step = step_of(low, low + extent)
    marks = ticks(*once)
    assert marks[0] == pytest.approx(once[0], abs=step * 1e-4)
    assert marks[-1] == pytest.approx(once[1], abs=step * 1.001)
