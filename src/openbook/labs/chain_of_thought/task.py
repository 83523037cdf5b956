"""Operations on one digit after another, as on a pocket calculator that shows the last digit alone.

``3 + 7 * 9 - 2`` is read from left to right: (3 + 7) is 0, 0 times 9 is 0, and 0 - 2 is 8. Each operation is easy. All
of them at once are not: addition and multiplication do not change places, so that a single pass must compose them, and
what it can compose is bounded by its depth (Feng et al. 2023; Merrill and Sabharwal 2023). Multipliers have inverses
mod 10, so that every operation counts to the end.
"""

from dataclasses import dataclass
from zlib import crc32

from numpy.random import Generator

MODULUS = 10
_OPERATIONS = (
    *(("+", digit) for digit in range(1, MODULUS)),
    *(("-", digit) for digit in range(1, MODULUS)),
    *(("*", digit) for digit in (3, 7, 9) for _ in range(3)),  # a third of all operations
)

SPLIT = 10
"""Parts that problems fall into by a digest of their question: 0 and 1 are for the test, 2 is for choosing settings,
the others train."""

Part = tuple[int, ...]
TEST, VALIDATION, TRAINING = (0, 1), (2,), tuple(range(3, SPLIT))


@dataclass(frozen=True, slots=True)
class Problem:
    """start: a digit. operations: each a sign and a digit, in the order that they are done."""

    start: int
    operations: tuple[tuple[str, int], ...]

    @property
    def steps(self) -> int:
        return len(self.operations)

    @property
    def question(self) -> str:
        """``3 + 7 * 9 - 2``"""
        return " ".join([str(self.start), *(f"{sign} {digit}" for sign, digit in self.operations)])

    @property
    def answer(self) -> str:
        return str(self.reached(self.steps))

    @property
    def part(self) -> int:
        return crc32(self.question.encode()) % SPLIT

    def reached(self, count: int) -> int:
        """What the calculator shows after so many operations."""
        shown = self.start
        for sign, digit in self.operations[:count]:
            shown = (shown * digit if sign == "*" else shown + digit if sign == "+" else shown - digit) % MODULUS
        return shown

    @property
    def worked(self) -> str:
        """``0 * 9 - 2 = 0 - 2 = 8``: what is left to do after each operation."""
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
