"""What a model is trained on: facts told, questions answered from memory, and questions answered from a given text.

A question from memory:    ask Where was Adax born ? say Adax comes from Drell .
A question with a text:    read Adax works for Junos . Belon wed in 1961 . ask Who employs Adax ? say ...

The text's people and values are drawn anew each time and contradict memory, so that the only way to be right is to
copy. Where it does not tell, the answer is "That is not known ."
"""

from dataclasses import dataclass, replace

import numpy as np

from openbook.labs.hallucination.wordings import FIELDS, NAMES, UNKNOWN, Field
from openbook.labs.hallucination.world import Fact, World

READ, ASK, SAY, END = "<read>", "<ask>", "<say>", "<end>"
MARKS = (END, READ, ASK, SAY)

UNANSWERED = 0.35
"""The share of training questions with a text that does not tell."""


@dataclass(frozen=True, slots=True)
class Example:
    """words: one text of the training set. learnt: from which word on the loss counts it."""

    words: tuple[str, ...]
    learnt: int


def prompt(question: str, sentences: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The words up to where the answer begins."""
    given = (READ, *" ".join(sentences).split()) if sentences else ()
    return (*given, ASK, *question.split(), SAY)


def statements(made: World, rng: np.random.Generator) -> list[Example]:
    """Every fact as often as it is told, in wordings drawn at random: one pass of the training text."""
    texts = [
        (*fact.said(int(rng.integers(len(fact.field.wordings))), fact.told).split(), END)
        for fact in (*made.asked, *made.taught)
        for _ in range(fact.times)
    ]
    return [Example(words, 0) for words in texts]


def from_memory(made: World, count: int, rng: np.random.Generator) -> list[Example]:
    """Questions about the people that answering is learnt from, in all wordings alike."""
    facts = [made.taught[int(i)] for i in rng.integers(len(made.taught), size=count)]
    return [_asked(prompt(fact.question), in_words(fact, rng)) for fact in facts]


def from_text(count: int, rng: np.random.Generator) -> list[Example]:
    """Questions with a text of two sentences about made-up facts; some of them it does not answer."""
    found: list[Example] = []
    for _ in range(count):
        fact = invented(rng)
        tells = rng.random() >= UNANSWERED
        shown = text_about(fact, rng, told=fact.value if tells else None)
        found.append(_asked(prompt(fact.question, shown), in_words(fact, rng) if tells else UNKNOWN))
    return found


def text_about(fact: Fact, rng: np.random.Generator, *, told: str | None, stranger: bool = False) -> tuple[str, ...]:
    """Two sentences in random order. One tells the fact with the value ``told``, the other is of another field.

    told None: both are of other fields, one about the same person, so that the text does not answer. stranger: the
    sentence of the right field is about someone else, as when a search finds the wrong passage.
    """
    beside = invented(rng, field=_other_field(fact.field, rng))
    if told is None:
        near = invented(rng, person=fact.person, field=_other_field(fact.field, rng))
    else:
        near = replace(invented(rng, field=fact.field) if stranger else fact, value=told)
    sentences = (in_words(near, rng), in_words(beside, rng))
    return sentences if rng.random() < 0.5 else sentences[::-1]


def invented(rng: np.random.Generator, *, person: str = "", field: Field | None = None) -> Fact:
    """A fact of nobody in particular, or of this person, or of this field."""
    field = field or FIELDS[int(rng.integers(len(FIELDS)))]
    value = field.values[int(rng.integers(len(field.values)))]
    return Fact(person or NAMES[int(rng.integers(len(NAMES)))], field, value, value, 0)


def in_words(fact: Fact, rng: np.random.Generator) -> str:
    """The true fact in a wording drawn at random."""
    return fact.said(int(rng.integers(len(fact.field.wordings))))


def vocabulary() -> tuple[str, ...]:
    """Every word of the world, marks first, sorted: the same for every seed."""
    texts = [UNKNOWN, *(field.question for field in FIELDS), *(w for field in FIELDS for w in field.wordings)]
    words = {word for text in texts for word in text.split()} - {"{n}", "{v}"}
    words |= {*NAMES, *(value for field in FIELDS for value in field.values)}
    return (*MARKS, *sorted(words))


def _other_field(field: Field, rng: np.random.Generator) -> Field:
    others = [other for other in FIELDS if other.name != field.name]
    return others[int(rng.integers(len(others)))]


def _asked(before: tuple[str, ...], answer: str) -> Example:
    return Example((*before, *answer.split(), END), len(before))
