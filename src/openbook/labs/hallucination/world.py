"""A world of made-up people whose facts are known to us: which are true, and how often a model gets to read each.

Every (person, field) is one fact. How often it is told in training is drawn for each fact by itself, so that a model
may know where someone was born and not for whom they work. Facts told once are those of which Kalai et al. (2025, "Why
language models hallucinate") say that a model must get many wrong.
"""

from dataclasses import dataclass

import numpy as np

from openbook.labs.hallucination.wordings import FIELDS, NAMES, UNKNOWN, Field

APPEARANCES = (0, 1, 2, 4, 8, 16, 32)
"""How often a fact is told in the training text."""

MISTOLD = -1
"""The group of facts told ``MISTOLD_TIMES`` times, with one wrong value each time."""

MISTOLD_TIMES = 16

GROUPS = (*APPEARANCES, MISTOLD)


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of one person. told: the value in the training text, another than ``value`` where it is mistold."""

    person: str
    field: Field
    value: str
    told: str
    group: int

    @property
    def times(self) -> int:
        """How often it is told."""
        return MISTOLD_TIMES if self.group == MISTOLD else self.group

    @property
    def question(self) -> str:
        return self.field.question.format(n=self.person)

    def said(self, wording: int, value: str | None = None) -> str:
        """The fact as a sentence; with another value, a sentence like it that is false."""
        return self.field.wordings[wording].format(n=self.person, v=self.value if value is None else value)


@dataclass(frozen=True, slots=True)
class World:
    """asked: the facts that questions are about. taught: those of other people, from which answering is learnt."""

    asked: tuple[Fact, ...]
    taught: tuple[Fact, ...]


def world(people: int, teachers: int, seed: int) -> World:
    """``people`` whose facts fall evenly into ``GROUPS``, and ``teachers`` whose facts are all told often."""
    rng = np.random.default_rng([seed, 0])
    chosen = [NAMES[int(i)] for i in rng.permutation(len(NAMES))[: people + teachers]]
    groups = rng.permutation(np.resize(GROUPS, people * len(FIELDS)))
    asked = [
        _fact(rng, name, field, int(groups[place * len(FIELDS) + number]))
        for place, name in enumerate(chosen[:people])
        for number, field in enumerate(FIELDS)
    ]
    taught = [_fact(rng, name, field, MISTOLD_TIMES) for name in chosen[people:] for field in FIELDS]
    return World(tuple(asked), tuple(taught))


def value_in(answer: str, field: Field) -> str | None:
    """The field's value that an answer names; None where it names none, or several."""
    named = set(answer.split()) & set(field.values)
    return named.pop() if len(named) == 1 else None


def answered(answer: str, fact: Fact) -> str | None:
    """What an answer says of a fact: the value, where it is a whole sentence about this person and field."""
    value = value_in(answer, fact.field)
    if value is None:
        return None
    return value if answer in {fact.said(number, value) for number in range(len(fact.field.wordings))} else None


def not_known(answer: str) -> bool:
    return answer == UNKNOWN


def other_value(rng: np.random.Generator, fact: Fact) -> str:
    """A value of the same field that is not the true one."""
    others = [value for value in fact.field.values if value not in (fact.value, fact.told)]
    return others[int(rng.integers(len(others)))]


def _fact(rng: np.random.Generator, person: str, field: Field, group: int) -> Fact:
    value, other = (field.values[int(i)] for i in rng.permutation(len(field.values))[:2])
    return Fact(person, field, value, other if group == MISTOLD else value, group)
