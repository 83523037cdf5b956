"""Arithmetic in words and signs binds as in mathematics, on its way to the calculator."""

import pytest

from openbook.agent.request.spoken import arithmetic
from openbook.agent.tool import BadArguments
from openbook.agent.tools.arithmetic import calculated, written


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("Calculate 2^3^2", "512"),
        ("2**3**2", "512"),
        ("-2^2", "-4"),
        ("(-2)^2", "4"),
        ("-(2+3)^2", "-25"),
        ("2*3^2", "18"),
        ("2^-1", "0.5"),
        ("twice 3^2", "18"),
        ("10 percent of 2^3", "0.8"),
        ("multiply 2^3 by 4", "32"),
        ("2 / 3 rounded to 2 decimals", "0.67"),
        ("divide 10 by 3 rounded to 2 decimals", "3.33"),
        ("Calculate 12/4+1", "4"),
        ("What is 12-5?", "7"),
    ],
)
def test_it_binds_as_in_mathematics(said: str, value: str) -> None:
    found = arithmetic(said)
    assert found is not None
    assert not found.operands
    assert written(calculated(found.template)) == value


@pytest.mark.parametrize(
    ("said", "why"), [("9^9^9^9", "too large"), ("9**9**9**9", "too large"), ("Calculate 1/0", "divide by zero")]
)
def test_what_has_no_value_is_said_at_once(said: str, why: str) -> None:
    found = arithmetic(said)
    assert found is not None
    with pytest.raises(BadArguments, match=why):
        calculated(found.template)


@pytest.mark.parametrize("said", ["Are you open 24/7?", "Calculate 3/4/2025", "Read pages 2-3", "What is 2024-05-01?"])
def test_a_date_or_a_span_of_pages_is_no_arithmetic(said: str) -> None:
    assert arithmetic(said) is None


def test_powers_without_end_are_no_arithmetic() -> None:
    assert arithmetic("2^" * 200 + "2") is None
