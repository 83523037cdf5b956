"""Sums, differences and products of numbers of several digits, worked a column at a time from the units.

    47+85=   7+5=12 4+8+1=13 132
    85-47=   15-7=8 7-4=3 38
    47*6=    7*6=42 4*6+4=28 282

A column's last digit is a digit of the answer, and what is before it is carried. The checker reads the last word alone:
a reply may be worked in another way, or not at all.
"""

from numpy.random import Generator

from openbook.align.task import Problem, Task
from openbook.align.tasks.said import last_word


def drawn(rng: Generator, size: int) -> Problem:
    """Of two numbers of ``size`` digits, or for a product of one such and one digit; the first of a difference is the
    larger.
    """
    sign = "+-*"[int(rng.integers(3))]
    first, second = _number(rng, size), _number(rng, size)
    if sign == "-":
        first, second = max(first, second), min(first, second)
    elif sign == "*":
        second = int(rng.integers(2, 10))
    answer = {"+": first + second, "-": first - second, "*": first * second}[sign]
    return Problem(f"{first}{sign}{second}=", str(answer), " ".join([*_worked(first, sign, second), str(answer)]), size)


def reward(problem: Problem, reply: str) -> float:
    """1 where the last word is the number, as it is written."""
    return float(last_word(reply) == problem.answer)


def _worked(first: int, sign: str, second: int) -> list[str]:
    """The columns from the units up."""
    columns: list[str] = []
    carried = 0
    for place, digit in enumerate(reversed(str(first))):
        top = int(digit)
        under = second if sign == "*" else second // 10**place % 10
        if sign == "-":
            needed = under + carried
            borrowed = top < needed
            left = 10 * borrowed + top
            columns.append(f"{left}-{under}{'-1' if carried else ''}={left - needed}")
            carried = int(borrowed)
        else:
            value = (top * under if sign == "*" else top + under) + carried
            columns.append(f"{top}{sign}{under}{f'+{carried}' if carried else ''}={value}")
            carried = value // 10
    return columns


def _number(rng: Generator, digits: int) -> int:
    """Drawn a digit at a time: it may be larger than a machine's word."""
    rest: list[int] = rng.integers(0, 10, size=digits - 1).tolist()
    return int("".join(map(str, [int(rng.integers(1, 10)), *rest])))


TASK = Task("arithmetic", drawn, reward, (2, 4))
