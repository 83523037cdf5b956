"""Sums of quantities of one kind in unlike units: the number must be right in the unit that was asked for.

2 km + 300 m in m :   2000 m + 300 m = 2300 m
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from numpy.random import Generator

from openbook.align.task import Problem, Task
from openbook.align.tasks.said import LONGEST

KINDS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "length": MappingProxyType({"mm": 1, "cm": 10, "m": 1_000, "km": 1_000_000}),
        "mass": MappingProxyType({"g": 1, "kg": 1_000, "t": 1_000_000}),
        "time": MappingProxyType({"s": 1, "min": 60, "h": 3_600}),
    }
)
"""Each unit in the least one of its kind."""

_QUANTITY = re.compile(r"\s*(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([a-z]{1,3})\s*")
_MOST = 20


def drawn(rng: Generator, size: int) -> Problem:
    """So many quantities of 1 to 20, added; the unit asked for is as small as the smallest, or the next smaller."""
    units = [*KINDS.values()][int(rng.integers(len(KINDS)))]
    names = list(units)
    least = int(rng.integers(len(names) - 1))
    places: list[int] = rng.integers(least, min(least + 2, len(names)), size=size).tolist()
    numbers: list[int] = rng.integers(1, _MOST + 1, size=size).tolist()
    asked = names[least]
    same = [number * units[names[place]] // units[asked] for number, place in zip(numbers, places, strict=True)]
    said = " + ".join(f"{number} {names[place]}" for number, place in zip(numbers, places, strict=True))
    answer = f"{sum(same)} {asked}"
    worked = f"{' + '.join(f'{number} {asked}' for number in same)} = {answer}"
    return Problem(f"{said} in {asked} :", answer, worked, size)


def reward(problem: Problem, reply: str) -> float:
    """1 where the quantity behind the last equals sign, or the whole reply without one, is the answer: the same number,
    written 2300 or 2300.0, and the same unit.
    """
    found = _QUANTITY.fullmatch(reply.rpartition("=")[2]) if len(reply) <= LONGEST else None
    if found is None:
        return 0.0
    number, unit = problem.answer.split()
    return float(found[2] == unit and Fraction(found[1]) == int(number))


TASK = Task("units", drawn, reward, (2, 3))
