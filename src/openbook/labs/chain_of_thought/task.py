"""Sums, differences and products one after another, counted mod 7 as the days of a week are.

``3 + 6 * 2 - 4`` is done from left to right: 3 + 6 is 2, 2 * 2 is 4, and 4 - 4 is 0. Each operation is easy. All at
once are not: addition and multiplication do not change places, so that a single pass must compose them, and what it can
compose is bounded by its depth (Feng et al. 2023; Merrill and Sabharwal 2023). Since 7 is prime, every operation can be
undone and counts to the end.
"""

from dataclasses import dataclass
from zlib import crc32

from numpy.random import Generator

MODULUS = 7
_OPERATIONS = (
    *(("+", number) for number in range(1, MODULUS)),
    *(("-", number) for number in range(1, MODULUS)),
    *(("*", number) for number in range(2, MODULUS)),
)

SPLIT = 10
"""Parts that problems fall into by a digest of their question: 0 and 1 are for the test, 2 is for choosing settings,
the others train."""

Part = tuple[int, ...]
TEST, VALIDATION, TRAINING = (0, 1), (2,), tuple(range(3, SPLIT))


@dataclass(frozen=True, slots=True)
class Problem:
    """start: a number. operations: each a sign and a number, in the order that they are done."""

    start: int
    operations: tuple[tuple[str, int], ...]

    @property
    def steps(self) -> int:
        return len(self.operations)

    @property
    def question(self) -> str:
        """``3 + 6 * 2 - 4``"""
        return " ".join([str(self.start), *(f"{sign} {number}" for sign, number in self.operations)])

    @property
    def answer(self) -> str:
        return str(self.reached(self.steps))

    @property
    def part(self) -> int:
        return crc32(self.question.encode()) % SPLIT

    def reached(self, count: int) -> int:
        """What is reached after so many operations."""
        shown = self.start
        for sign, number in self.operations[:count]:
            shown = (shown * number if sign == "*" else shown + number if sign == "+" else shown - number) % MODULUS
        return shown

    @property
    def worked(self) -> str:
        """``2 * 2 - 4 = 4 - 4 = 0``: what is left to do after each operation."""
        left = (Problem(self.reached(done), self.operations[done:]) for done in range(1, self.steps + 1))
        return " = ".join(problem.question for problem in left)


def drawn(steps: int, part: Part, rng: Generator) -> Problem:
    """A problem of one of these parts; of one operation any, since these are the tables that all else is made of."""
    while True:
        draws: list[int] = rng.integers(len(_OPERATIONS), size=steps).tolist()
        operations = tuple(_OPERATIONS[draw] for draw in draws)
        problem = Problem(int(rng.integers(MODULUS)), operations)
        if steps == 1 or problem.part in part:
            return problem


def different(steps: int, part: Part, most: int, rng: Generator) -> list[Problem]:
    """At most so many problems, no two alike; fewer where the part has no more."""
    found: dict[Problem, None] = {}
    for _ in range(50 * most):
        found[drawn(steps, part, rng)] = None
        if len(found) == most:
            break
    return list(found)
