"""A plan: calls of tools in order, made from the request alone, and what each argument will be made of.

Control flow never follows data (Debenedetti et al. 2025, "CaMeL"): which tools are called, and with which recipients,
paths and amounts, stands here before anything from outside is read. What is not known yet is named by the step that
will give it, and keeps that step's label.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from openbook.guard.labelled import Path
from openbook.values import Json

MOST_STEPS, MOST_EACH = 32, 64
"""Steps of a plan, and items of a list that one step is done for."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the plan says itself, so that it is the request's."""

    value: Json


@dataclass(frozen=True, slots=True)
class Result:
    """What an earlier step gave, or a part of it."""

    step: str
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Item:
    """The item that a step with ``each`` is being done for, or a part of it."""

    path: Path = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with ``{name}`` where terms go."""

    template: str
    fields: Mapping[str, "Term"] = field(default_factory=dict[str, "Term"])


Term: TypeAlias = Given | Result | Item | Filled


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool. each: a list; the call is made for every item of it, and its result is the list of results."""

    id: str
    tool: str
    arguments: Mapping[str, Term]
    each: Term | None = None


@dataclass(frozen=True, slots=True)
class Parse:
    """A text turned into a typed value by a reader that has no tools: the quarantine (Willison 2023, "dual LLM").

    schema: JSON schema of the value. The value stays as tainted as the text.
    """

    id: str
    text: Term
    question: str
    schema: Mapping[str, Json]


Step: TypeAlias = Call | Parse


@dataclass(frozen=True, slots=True)
class Plan:
    """answer: what the person is told at the end."""

    steps: tuple[Step, ...]
    answer: Term


def terms_of(step: Step) -> Iterator[Term]:
    """Every term that a step is made of, outermost first."""
    outer = [step.text] if isinstance(step, Parse) else [*step.arguments.values(), *([step.each] if step.each else [])]
    for term in outer:
        yield from within(term)


def needs(step: Step) -> frozenset[str]:
    """The steps whose results this one waits for."""
    return frozenset(term.step for term in terms_of(step) if isinstance(term, Result))


def within(term: Term) -> Iterator[Term]:
    """A term and all that it is made of, outermost first."""
    yield term
    if isinstance(term, Filled):
        for inner in term.fields.values():
            yield from within(inner)
