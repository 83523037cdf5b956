"""A graded world: facts about a thing are given, some are asked for, and what a reply is worth is a known function.

    prompt       kettle : price 30 , weight 1kg , colour red , power 2kW , age old ? weight price :
    best reply   weight 1kg , price 30

A reply is statements parted by commas. It is worth

    + 1     for each fact asked that it states rightly (once: saying it again is a repeat)
    - 1     for each statement that is not so: another value, another word, more words or fewer
    - 1/4   for each true statement that was not asked, and for each repeat

at most as many as were asked, and no less than -8. An empty reply is worth 0. Order does not matter.

Demonstrations are as people's are: most leave out, add or misstate something, so that a model that imitates them is no
better than they are, and what the reward asks for is left to learn. How often is said below.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from numpy.random import Generator

from openbook.align.task import Problem, Task

THINGS = tuple("kettle lamp chair radio clock table mirror heater fan desk bench stove drill pump ladder mixer".split())

ATTRIBUTES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "price": tuple(str(number) for number in range(10, 100, 10)),
        "weight": tuple(f"{number}kg" for number in range(1, 9)),
        "colour": ("red", "blue", "green", "black", "white", "yellow", "brown", "grey"),
        "power": tuple(f"{number}kW" for number in range(1, 7)),
        "age": ("new", "recent", "used", "old", "antique"),
        "origin": ("Chile", "Ghana", "India", "Italy", "Japan", "Kenya", "Norway", "Peru"),
        "material": ("steel", "oak", "glass", "brass", "plastic", "copper", "pine"),
        "width": tuple(f"{number}cm" for number in range(10, 100, 10)),
    }
)
GIVEN = 5
"""Facts about a thing in a prompt."""

LEAST = -8.0
NOT_ASKED = -0.25
MISSES, PADS, MISSTATES, REPEATS = 0.25, 0.7, 0.15, 0.15
"""How often a demonstration leaves out an asked fact; adds one to three that are not asked; gives a stated fact another
value; says again what it said before.
"""


@dataclass(frozen=True, slots=True)
class Statements:
    """right: asked facts stated rightly. false: statements that are not so. extra: true ones not asked. repeats: true
    ones stated before.
    """

    right: int
    false: int
    extra: int
    repeats: int

    @property
    def reward(self) -> float:
        return max(LEAST, self.right - self.false + NOT_ASKED * (self.extra + self.repeats))


def drawn(rng: Generator, size: int) -> Problem:
    """A thing with five facts, ``size`` of them asked, at most all."""
    thing = THINGS[int(rng.integers(len(THINGS)))]
    named = _some(rng, list(ATTRIBUTES), GIVEN)
    facts = {name: ATTRIBUTES[name][int(rng.integers(len(ATTRIBUTES[name])))] for name in named}
    asked = _some(rng, named, min(size, GIVEN))
    prompt = f"{thing} : {_said(facts.items())} ? {' '.join(asked)} :"
    return Problem(prompt, _said((name, facts[name]) for name in asked), _demonstration(facts, asked, rng), len(asked))


def statements(problem: Problem, reply: str) -> Statements:
    """What a reply states, counted."""
    facts, asked = _read(problem.prompt)
    seen: set[str] = set()
    right = false = extra = repeats = 0
    for said in reply.split(",") if reply.strip() else ():
        name, _, value = " ".join(said.split()).partition(" ")
        if not value or facts.get(name) != value:
            false += 1
        elif name in seen:
            repeats += 1
        else:
            seen.add(name)
            right += name in asked
            extra += name not in asked
    return Statements(right, false, extra, repeats)


def reward(problem: Problem, reply: str) -> float:
    """As said above."""
    return statements(problem, reply).reward


def _demonstration(facts: Mapping[str, str], asked: Sequence[str], rng: Generator) -> str:
    """Never empty: where all that was asked would be left out, the first is kept."""
    names = [name for name in asked if rng.random() >= MISSES] or [asked[0]]
    others = [name for name in facts if name not in asked]
    if others and rng.random() < PADS:
        for name in _some(rng, others, min(len(others), int(rng.integers(1, 4)))):
            names.insert(int(rng.integers(len(names) + 1)), name)
    if rng.random() < REPEATS:
        names.append(names[int(rng.integers(len(names)))])
    said: list[tuple[str, str]] = []
    for name in names:
        false = [value for value in ATTRIBUTES[name] if value != facts[name]]
        wrong = rng.random() < MISSTATES
        said.append((name, false[int(rng.integers(len(false)))] if wrong else facts[name]))
    return _said(said)


def _read(prompt: str) -> tuple[dict[str, str], list[str]]:
    """The facts of a prompt, and the names of those asked for."""
    before, _, asked = prompt.removesuffix(" :").partition("?")
    facts: dict[str, str] = {}
    for fact in before.partition(":")[2].split(","):
        name, _, value = " ".join(fact.split()).partition(" ")
        facts[name] = value
    return facts, asked.split()


def _some(rng: Generator, among: Sequence[str], count: int) -> list[str]:
    """So many of them, in a random order."""
    return [among[int(place)] for place in rng.permutation(len(among))[:count]]


def _said(facts: Iterable[tuple[str, str]]) -> str:
    return " , ".join(f"{name} {value}" for name, value in facts)


TASK = Task("facts", drawn, reward, (1, 4))
