"""How numbers are written: golden cases, and always close to the number they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.report.numerals import figure_text, tick_text
from openbook.report.times import times_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1321, "1,321"),
        (-5, "-5"),
        (72.1, "72.1"),
        (72.149, "72.1"),
        (0.7214, "0.721"),
        (9.999, "10.0"),
        (99.96, "100"),
        (1234567.8, "1,230,000"),
        (0.00123, "0.00123"),
        (4.2e-7, "4.20e-07"),
        (-0.5, "-0.500"),
        (0.0, "0"),
        (2.5e15, "2.5e+15"),
    ],
)
def test_figures(value: float, text: str) -> None:
    assert figure_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14))
def test_three_digits_are_right(value: float) -> None:
    assert float(figure_text(value).replace(",", "")) == pytest.approx(value, rel=0.005, abs=1e-320)


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (0.30000000000000004, 0.1, "0.3"),
        (0.25, 0.25, "0.25"),
        (5.0, 2.5, "5.0"),
        (1e-17, 0.1, "0"),
        (-2.0, 1.0, "−2"),
        (2000, 250, "2000"),
        (2000, 1000, "2k"),
        (10000, 10000, "10k"),
        (12500, 2500, "12.5k"),
        (2_500_000, 500_000, "2500k"),
        (3e-5, 1e-5, "3e−5"),
        (1e12, 5e11, "1000G"),
        (2e15, 1e15, "2e15"),
    ],
)
def test_ticks(value: float, step: float, text: str) -> None:
    assert tick_text(value, step) == text


@pytest.mark.parametrize(
    ("value", "text"), [(2.71, "2.7 times"), (0.1, "0.1 times"), (0.027, "0.03 times"), (0.0, "0.0 times")]
)
def test_what_is_seen_less_than_once_is_not_said_to_be_never_seen(value: float, text: str) -> None:
    assert times_text(value) == text
