"""Sums, differences and products one after another, counted mod 7 as the days of a week are.

``3 a + 6 b * 2 c - 4`` is done from left to right: 3 + 6 is 2, 2 * 2 is 4, and 4 - 4 is 0. Each operation is easy. All
at once are not: addition and multiplication do not change places, so that a single pass must compose them, and what it
can compose is bounded by its depth (Feng et al. 2023; Merrill and Sabharwal 2023). 7 is prime, so that every operation
can be undone and counts to the end. The letters are names by which a step finds its operation, as numbers of lines are;
they begin anywhere in the alphabet, so that training shows all that a problem longer than any of its own may need.
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

NAMES = "abcdefghijklmnop"
"""Of operations; a problem has as many at most."""

SPLIT = 10
"""Parts that problems fall into by a digest of their numbers: 0 and 1 are for the test, 2 is for choosing settings,
the others train."""

Part = tuple[int, ...]
TEST, VALIDATION, TRAINING = (0, 1), (2,), tuple(range(3, SPLIT))


@dataclass(frozen=True, slots=True)
class Problem:
    """start: a number. operations: each a sign and a number, in the order that they are done. names: one each."""

    start: int
    operations: tuple[tuple[str, int], ...]
    names: str

    @property
    def steps(self) -> int:
        return len(self.operations)

    @property
    def question(self) -> str:
        """``3 a + 6 b * 2 c - 4``"""
        named = zip(self.names, self.operations, strict=True)
        return " ".join([str(self.start), *(f"{name} {sign} {number}" for name, (sign, number) in named)])

    @property
    def answer(self) -> str:
        return str(self.reached(self.steps))

    @property
    def part(self) -> int:
        """The same whatever the names."""
        return crc32(repr((self.start, self.operations)).encode()) % SPLIT

    def reached(self, count: int) -> int:
        """What is reached after so many operations."""
        shown = self.start
        for sign, number in self.operations[:count]:
            shown = (shown * number if sign == "*" else shown + number if sign == "+" else shown - number) % MODULUS
        return shown

    @property
    def worked(self) -> str:
        """``a + 6 = 2 b * 2 = 4 c - 4 = 0``"""
        said: list[str] = []
        for done, (name, (sign, number)) in enumerate(zip(self.names, self.operations, strict=True), start=1):
            said.append(f"{name} {sign} {number} = {self.reached(done)}")
        return " ".join(said)


def drawn(steps: int, part: Part, rng: Generator) -> Problem:
    """A problem of one of these parts; of one operation any, since these are the tables that all else is made of."""
    while True:
        draws: list[int] = rng.integers(len(_OPERATIONS), size=steps).tolist()
        operations = tuple(_OPERATIONS[draw] for draw in draws)
        first = int(rng.integers(len(NAMES) - steps + 1))
        problem = Problem(int(rng.integers(MODULUS)), operations, NAMES[first : first + steps])
        if steps == 1 or problem.part in part:
            return problem


def different(steps: int, part: Part, most: int, rng: Generator) -> list[Problem]:
    """At most so many problems, no two alike but for their names; fewer where the part has no more."""
    found: dict[tuple[int, tuple[tuple[str, int], ...]], Problem] = {}
    for _ in range(50 * most):
        problem = drawn(steps, part, rng)
        found.setdefault((problem.start, problem.operations), problem)
        if len(found) == most:
            break
    return list(found.values())
