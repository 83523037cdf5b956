"""The calculator as a tool."""

from openbook.agent.declare import declared
from openbook.agent.slots import Expression
from openbook.agent.tool import Tool
from openbook.agent.tools.arithmetic import calculated, written


def calculate(expression: Expression) -> str:
    """Calculate with numbers: sums, differences, products, quotients, percentages, powers, roots, averages, rounding.

    expression: as in "15% of 240", "(2 + 3) * 4", "sqrt(2)", "round(10 / 3, 2)", "mean(1, 2, 6)"
    """
    return written(calculated(expression))


def calculator() -> Tool:
    """It chooses nothing and looks at nothing: its expression may be made of anything, and so is its result."""
    return declared(
        calculate,
        content=["expression"],
        derived=True,
        examples=(
            "what is 12 times 7",
            "multiply the two numbers",
            "15% of 240",
            "add them up",
            "how much is the first more than the second",
            "divide it by 3",
            "the average of these numbers",
            "round it to two decimals",
            "what share of the total is that",
            "work out the sum",
        ),
    )
