"""Numbers to be put in order, the least first: ``71 3 94 2 :`` becomes ``2 3 71 94``."""

from numpy.random import Generator

from openbook.align.task import Problem, Task
from openbook.align.tasks.said import LONGEST

_BELOW = 100


def drawn(rng: Generator, size: int) -> Problem:
    """So many numbers from 0 to 99, which may repeat."""
    numbers: list[int] = rng.integers(_BELOW, size=size).tolist()
    answer = " ".join(map(str, sorted(numbers)))
    return Problem(f"{' '.join(map(str, numbers))} :", answer, answer, size)


def reward(problem: Problem, reply: str) -> float:
    """1 where the reply is these numbers in order, however they are spaced."""
    return float(len(reply) <= LONGEST and reply.split() == problem.answer.split())


TASK = Task("sorting", drawn, reward, (3, 6))
