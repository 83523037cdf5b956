"""One question about one fact at one place of a context, and whether an answer holds the fact.

What is probed is any callable that is given the parts of a context and a question: a language model behind a prompt, a
reader, or a whole pipeline.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from openbook.evaluate.reading import normalised
from openbook.values import Label, Part

Subject: TypeAlias = Callable[[Sequence[Part], str], str]
"""(parts of the context in order, question) -> answer; the empty string for none."""

UNITS = {"needle": "tokens", "kv": "pairs", "qa": "documents"}
"""What the length of each kind of probe counts."""


@dataclass(frozen=True, slots=True)
class Probe:
    """kind: one of ``UNITS``. item: which fact; the same at every length and depth, so that they compare in pairs.

    length: of the context, in the unit of the kind. depth: where the fact stands, 0 the beginning and 1 the end.
    parts: the context, every part tainted. references: any of them in an answer makes it right.
    """

    kind: str
    item: str
    length: int
    depth: float
    parts: tuple[Part, ...]
    question: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one probe. right: 0 to 1."""

    kind: str
    item: str
    length: int
    depth: float
    right: float


def document(text: str, source: str) -> Part:
    """A piece of a context: material from outside, labelled as such."""
    return Part(text, Label(frozenset({source})), "document")


def holds(answer: str, references: Sequence[str]) -> bool:
    """Whether a normalised reference is part of the normalised answer, in whole words (Liu et al. 2023, 2.1)."""
    said = f" {normalised(answer)} "
    return any(f" {wanted} " in said for wanted in map(normalised, references) if wanted)


def depths(count: int) -> tuple[float, ...]:
    """``count`` places from beginning to end, evenly; one alone is the beginning."""
    return tuple(place / max(1, count - 1) for place in range(count))
