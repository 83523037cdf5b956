"""Questions made from free text: a sentence with a name, a number or a recurring phrase taken out, and where it stands.

Before the few labelled questions, the heads learn on many of these that an answer is a span which fits the words around
it (Lewis et al. 2019, "Unsupervised question answering by cloze translation"; Ram et al. 2021, Splinter, for spans that
recur). Half of the questions lose their order and a third of their words, so that copying is not enough; and for some
the sentence is taken out of the passage, so that nothing answers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from openbook.documents import sentences
from openbook.heads.examples import Example
from openbook.index.words import FUNCTION_WORDS
from openbook.values import Span

_NUMBER = re.compile(
    r"(?<![\w.,])[$£€]?\d[\d,.]*\d?(?:st|nd|rd|th)?%?(?:\s(?:million|billion|percent|per cent|years?))?"
)
_YEAR = re.compile(r"(?:1\d|20)\d\d")
_NAME = re.compile(r"(?<![.!?:\"“]\s)(?<!^)\b[A-Z][\w'’-]+(?:\s(?:(?:of|the|de|and|von|van)\s)?[A-Z][\w'’-]+){0,4}")
_PHRASE = re.compile(r"\b(?:an?|the)\s(?:[a-z-]{3,}\s){0,2}[a-z-]{4,}\b")
_WORD = re.compile(r"[\w'’$€£%-]+")
_FEWEST_WORDS, _MOST_WORDS = 6, 45
_KEPT_AROUND = 12
"""Words of the sentence that a question keeps, those nearest to the answer."""


@dataclass(frozen=True, slots=True)
class Text:
    """A passage of free text. source: what it is from; group: its document."""

    source: str
    group: str
    text: str


def cloze_examples(texts: Sequence[Text], count: int, seed: int) -> list[Example]:
    """``count`` questions at most, drawn over all texts; a fifth of them without an answer. The same for a seed."""
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


def candidates(sentence: str) -> Iterator[tuple[Span, str]]:
    """What could be asked for in a sentence, and the word that asks."""
    for match in _NUMBER.finditer(sentence):
        end = match.end() - (match.group().endswith((",", ".")))
        if end > match.start():
            year = _YEAR.fullmatch(sentence[match.start() : end])
            yield Span(match.start(), end), "when" if year else "how many"
    for match in _NAME.finditer(sentence):
        if any(word.casefold() not in FUNCTION_WORDS for word in match.group().split()):  # not "The", "My"
            yield Span(*match.span()), "who|what|which|where"
    for match in _PHRASE.finditer(sentence):
        yield Span(*match.span()), "what"


def _one(text: Text, name: str, rng: Generator) -> Example | None:
    found = sentences(text.text, Span(0, len(text.text)))
    usable = [s for s in found if _FEWEST_WORDS <= len(s.of(text.text).split()) <= _MOST_WORDS]
    if not usable:
        return None
    place = usable[int(rng.integers(len(usable)))]
    sentence = place.of(text.text)
    asked = list(candidates(sentence))
    if not asked:
        return None
    inside, asking = asked[int(rng.integers(len(asked)))]
    question = question_of(sentence, inside, str(rng.choice(asking.split("|"))), rng)
    answer = inside.of(sentence)
    if rng.random() < 0.2 and len(found) > 2:
        passage = text.text[: place.start] + text.text[place.end :]
        if answer.casefold() in passage.casefold():
            return None
        return Example(name, "cloze", text.group, question, passage, answerable=False, relevant=None)
    start = place.start + inside.start
    spans = (Span(start, start + len(answer)),)
    return Example(name, "cloze", text.group, question, text.text, spans=spans, answerable=True, relevant=None)


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
