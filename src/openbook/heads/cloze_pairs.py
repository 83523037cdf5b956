"""Cloze questions as labelled pairs; for some the sentence is taken out of the passage, so that nothing answers.

Before the few labelled questions, the heads learn on many of these that an answer is a span which fits the words around
it (Ram et al. 2021, Splinter, make pre-training out of the same idea).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from openbook.evaluate.cloze import cloze
from openbook.heads.examples import Example

TAKEN_OUT = 0.2
"""The share of questions whose sentence is not in the passage."""


@dataclass(frozen=True, slots=True)
class Text:
    """A passage of free text. source: what it is from; group: its document."""

    source: str
    group: str
    text: str


def cloze_examples(texts: Sequence[Text], count: int, seed: int) -> list[Example]:
    """``count`` questions at most, drawn over all texts. The same for a seed."""
    rng = np.random.default_rng(seed)
    found: list[Example] = []
    while len(found) < count:
        before = len(found)
        order: list[int] = rng.permutation(len(texts)).tolist()
        for number in order:
            if len(found) == count:
                break
            example = _one(texts[number], f"cloze:{len(found)}", rng)
            if example is not None:
                found.append(example)
        if len(found) == before:
            break
    return found


def _one(text: Text, name: str, rng: Generator) -> Example | None:
    made = cloze(text.text, rng)
    if made is None:
        return None
    if rng.random() >= TAKEN_OUT:
        return Example(name, "cloze", text.group, made.question, text.text, (), (made.answer,), True)
    passage = text.text[: made.sentence.start] + text.text[made.sentence.end :]
    if not passage.strip() or made.answer.of(text.text).casefold() in passage.casefold():
        return None
    return Example(name, "cloze", text.group, made.question, passage, answerable=False)
