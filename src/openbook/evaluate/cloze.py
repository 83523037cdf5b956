"""Questions made from free text: a sentence with a name, a number or a phrase taken out (a cloze), and where it stands.

Nobody asks like that, but every answer is known (Lewis et al. 2019, "Unsupervised question answering by cloze
translation"): a reader can learn on them, and a threshold be set where nobody has asked yet. Half of the questions lose
their order and a third of their words, so that copying is not enough.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from openbook.documents import sentences
from openbook.values import Span

NUMBER = re.compile(
    r"(?<![\w.,])[$£€]?\d[\d,.]*\d?(?:st|nd|rd|th)?%?(?:\s(?:million|billion|percent|per cent|years?))?"
)
_YEAR = re.compile(r"(?:1\d|20)\d\d")
NAME = re.compile(r"(?<![.!?:\"“]\s)(?<!^)\b[A-Z][\w'’-]+(?:\s(?:(?:of|the|de|and|von|van)\s)?[A-Z][\w'’-]+){0,4}")
_PHRASE = re.compile(r"\b(?:an?|the)\s(?:[a-z-]{3,}\s){0,2}[a-z-]{4,}\b")
_NO_NAMES = frozenset(
    "the a an this that these those it its he she his her they their we our i my you your if in".split()
)
_WORD = re.compile(r"[\w'’$€£%-]+")
_FEWEST_WORDS, _MOST_WORDS = 6, 45
_KEPT_AROUND = 12
"""Words of the sentence that a question keeps, those nearest to the answer."""


@dataclass(frozen=True, slots=True)
class Cloze:
    """A made question and where its answer stands. sentence, answer: in the text that it was made from."""

    question: str
    sentence: Span
    answer: Span


def cloze(text: str, rng: Generator) -> Cloze | None:
    """A question on one sentence of the text, drawn; None where the drawn sentence has nothing to ask for."""
    found = sentences(text, Span(0, len(text)))
    usable = [s for s in found if _FEWEST_WORDS <= len(s.of(text).split()) <= _MOST_WORDS]
    if not usable:
        return None
    place = usable[int(rng.integers(len(usable)))]
    sentence = place.of(text)
    asked = list(candidates(sentence))
    if not asked:
        return None
    inside, asking = asked[int(rng.integers(len(asked)))]
    question = question_of(sentence, inside, str(rng.choice(asking.split("|"))), rng)
    return Cloze(question, place, Span(place.start + inside.start, place.start + inside.end))


def candidates(sentence: str) -> Iterator[tuple[Span, str]]:
    """What could be asked for in a sentence, and the word that asks."""
    for match in NUMBER.finditer(sentence):
        end = match.end() - (match.group().endswith((",", ".")))
        if end > match.start():
            year = _YEAR.fullmatch(sentence[match.start() : end])
            yield Span(match.start(), end), "when" if year else "how many"
    for match in NAME.finditer(sentence):
        if match.group().casefold() not in _NO_NAMES:
            yield Span(*match.span()), "who|what|which|where"
    for match in _PHRASE.finditer(sentence):
        yield Span(*match.span()), "what"


def question_of(sentence: str, answer: Span, asks: str, rng: Generator) -> str:
    """The words around the answer, what follows it first; half of the time thinned out and shuffled a little."""
    before = _WORD.findall(sentence[: answer.start])
    after = _WORD.findall(sentence[answer.end :])
    shorter = _KEPT_AROUND // 2
    after = after[: max(shorter, _KEPT_AROUND - len(before))]
    before = before[-max(shorter, _KEPT_AROUND - len(after)) :]
    kept = [*after, *before] if rng.random() < 0.7 else [*before, *after]
    if rng.random() < 0.5:
        kept = [word for word in kept if rng.random() > 0.33] or kept
        order = np.arange(len(kept)) + rng.uniform(0, 3, len(kept))
        kept = [kept[n] for n in np.argsort(order)]
    return f"{asks} {' '.join(kept)}?"


def swapped(question: str, names: Iterator[str]) -> str | None:
    """The question about somebody or something else: each name becomes the next of ``names``; None without a name."""
    changed = NAME.sub(lambda match: next(names, match.group()), question)
    return None if changed == question else changed
