"""What the writer learns: a question and numbered sentences in, a sentence that answers and the number it rests on out.

People's questions from the licensed sets; cloze questions of free text, which teach to find and to copy; and questions
that nothing answers. The sentences around the right one are its neighbours, and those of other passages of its group.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from numpy.random import Generator

from openbook.documents import sentences
from openbook.generate.grounded import MOST_SENTENCES, grounded
from openbook.heads.examples import Example
from openbook.heads.shortened import holding, shortened
from openbook.values import Span

SAYS_NOTHING = "The passages do not say."

FIRST = 0.6
"""How often the right sentence stands first, as where a search put it."""

LONGEST = 600
"""Characters of a sentence; what is longer is a table or a list and is no sentence to answer with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """prompt: as ``generate.grounded`` writes it; answer: with a blank before it, as its tokens begin."""

    prompt: str
    answer: str


def drafts_of(examples: Sequence[Example], rng: Generator) -> Iterator[Draft]:
    """One for each example that has an answer in one sentence, or that is known to have none."""
    groups: Mapping[str, list[str]] = _passages(examples)
    for example in examples:
        made = _one(example, groups[example.group], rng)
        if made is not None:
            yield made


def _one(example: Example, group: Sequence[str], rng: Generator) -> Draft | None:
    others = list(_others(example.passage, group, rng))
    if example.answerable is False:
        told = others[: int(rng.integers(2, MOST_SENTENCES + 1))]
        return Draft(grounded(example.question, told), f" {SAYS_NOTHING}") if told else None
    if not example.spans:
        return None
    answer = example.spans[0]
    place = holding(example.passage, answer)
    if place is None or len(place.of(example.passage)) > LONGEST:
        return None
    right = place.of(example.passage)
    told = [text for text in others if text != right][: int(rng.integers(0, MOST_SENTENCES))]
    at = 0 if rng.random() < FIRST else int(rng.integers(0, len(told) + 1))
    told.insert(at, right)
    said = shortened(right, Span(answer.start - place.start, answer.end - place.start), example.question)
    return Draft(grounded(example.question, told), f" {said.rstrip(' .')} [{at + 1}].")


def _others(passage: str, group: Sequence[str], rng: Generator) -> Iterator[str]:
    """Sentences of the passage and of another one of its group, mixed."""
    texts = [passage, str(group[int(rng.integers(len(group)))])]
    found = [s.of(text) for text in dict.fromkeys(texts) for s in sentences(text, Span(0, len(text)))]
    usable = [text for text in dict.fromkeys(found) if 20 <= len(text) <= LONGEST]
    order: list[int] = rng.permutation(len(usable)).tolist()
    yield from (usable[n] for n in order)


def _passages(examples: Sequence[Example]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for example in examples:
        found[example.group].setdefault(example.passage)
    return {group: list(texts) for group, texts in found.items()}
