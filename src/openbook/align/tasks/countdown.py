"""The numbers round of the game show Countdown, small: reach a number with others, each used once at most.

``3 8 5 make 55 :`` is answered by ``(3+8)*5``, and by anything else of that value. A reply is read by the bounded
parser of ``expression``.
"""

from collections import Counter

from numpy.random import Generator

from openbook.align.task import Problem, Task
from openbook.align.tasks.expression import value_of

_LARGEST, _FURTHEST = 12, 200
"""Of the numbers given; of what is reached on the way."""


def drawn(rng: Generator, size: int) -> Problem:
    """So many numbers, and one that all of them together reach through whole numbers above zero."""
    given: list[int] = rng.integers(1, _LARGEST + 1, size=size).tolist()
    parts = [(number, str(number)) for number in given]
    while len(parts) > 1:
        first, second = (parts.pop(int(rng.integers(len(parts)))) for _ in range(2))
        parts.append(_joined(first, second, rng))
    target, expression = parts[0]
    shown = expression[1:-1] if size > 1 else expression
    return Problem(f"{' '.join(map(str, given))} make {target} :", shown, shown, size)


def reward(problem: Problem, reply: str) -> float:
    """1 where the reply has the value asked for and takes no number more often than it is given."""
    given, _, target = problem.prompt.removesuffix(" :").partition(" make ")
    found = value_of(reply)
    if found is None or found.number != int(target):
        return 0.0
    return float(not Counter(found.used) - Counter(map(int, given.split())))


def _joined(first: tuple[int, str], second: tuple[int, str], rng: Generator) -> tuple[int, str]:
    """By one of the operations that are possible; a sum always is."""
    (a, shown_a), (b, shown_b) = first, second
    values = {"+": a + b}
    if a > b:
        values["-"] = a - b
    if a > 1 and b > 1 and a * b <= _FURTHEST:
        values["*"] = a * b
    if b > 1 and a % b == 0:
        values["/"] = a // b
    sign = sorted(values)[int(rng.integers(len(values)))]
    return values[sign], f"({shown_a}{sign}{shown_b})"


TASK = Task("countdown", drawn, reward, (2, 4))
