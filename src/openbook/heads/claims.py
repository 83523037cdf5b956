"""Statements that a passage backs, and near misses that it does not, made from free text.

Labelled statements that may be learnt from are rare, so they are made as FactCC's were (Kryściński et al. 2020,
section 3.1): a sentence as it stands or shortened is backed; with another number, name or date, with its sense turned
round, or with two clauses run together, it is not.
"""

import re
from collections.abc import Callable, Sequence

from numpy.random import Generator

from openbook.documents import sentences
from openbook.evaluate.cloze import NAME, NUMBER
from openbook.values import Span

Change = Callable[[str, str, Generator], str | None]
"""(sentence, passage, chance) to the changed sentence, or None where there is nothing to change."""

_VERBS = "is are was were has have had can could will would should may might must does do did".replace(" ", "|")
_AUXILIARY = re.compile(rf"\b({_VERBS})\b")
_NEGATED = re.compile(rf"\b({_VERBS})( not|n't)\b")
_OPPOSITES = (
    "increase decrease, increased decreased, increases decreases, higher lower, more less, larger smaller, all none, "
    "before after, first last, always never, most few, early late, earlier later, north south, east west, win lose, "
    "northern southern, eastern western, won lost, rise fall, rose fell, above below, inside outside, open closed, "
    "accept reject, accepted rejected, allow forbid, allowed forbidden, possible impossible, legal illegal, old new, "
    "male female, buy sell, bought sold, begin end, began ended, strong weak, cheap expensive, easy difficult, "
    "often rarely, many few, major minor, positive negative, true false"
).split(", ")
_FLIPS = {a: b for pair in _OPPOSITES for a, b in (pair.split(), pair.split()[::-1])}
_CONJUNCTIONS = "because although while when after before which where who and but as with".replace(" ", "|")
_BREAKS = re.compile(rf",\s|;\s|\s[-–—]\s|\s(?:{_CONJUNCTIONS})\s")


def supported(sentence: str, rng: Generator) -> str:
    """The sentence as it stands, or without its last clause, its first one, or what stands between two commas."""
    places = [m.start() for m in _BREAKS.finditer(sentence) if 25 < m.start() < len(sentence) - 10]
    way = rng.random()
    if not places or way < 0.35:
        return sentence
    if way < 0.8:
        return sentence[: int(rng.choice(places))].rstrip(" ,;–—-") + "."
    commas = [m.start() for m in re.finditer(r",\s", sentence)]
    if len(commas) >= 2 and commas[1] - commas[0] < 60:
        return sentence[: commas[0]] + sentence[commas[1] + 1 :]
    return sentence


def other_number(sentence: str, passage: str, rng: Generator) -> str | None:
    """A number in the place of another: one of the passage, or one near it."""
    found = [Span(*m.span()) for m in NUMBER.finditer(sentence)]
    if not found:
        return None
    span = found[int(rng.integers(len(found)))]
    old = span.of(sentence)
    others = [m.group() for m in NUMBER.finditer(passage) if m.group() not in sentence]
    if others and rng.random() < 0.5:
        return _put(sentence, span, str(rng.choice(others)))
    digits = re.search(r"\d+", old)
    if digits is None:
        return None
    value = int(digits.group())
    near = value + int(rng.integers(1, max(3, value // 5))) * (1 if rng.random() < 0.5 or value < 4 else -1)
    return _put(sentence, span, old.replace(digits.group(), str(near), 1))


def other_name(sentence: str, passage: str, rng: Generator) -> str | None:
    """A name of the passage in the place of another, or two names of the sentence in each other's."""
    found = [Span(*m.span()) for m in NAME.finditer(sentence)]
    names = {span.of(sentence) for span in found}
    if len(names) >= 2 and rng.random() < 0.4:
        one, two = sorted(found, key=lambda span: span.start)[:2]
        if one.of(sentence) != two.of(sentence):
            middle = sentence[one.end : two.start]
            swapped = two.of(sentence) + middle + one.of(sentence)
            return sentence[: one.start] + swapped + sentence[two.end :]
    others = [m.group() for m in NAME.finditer(passage) if not _shares(m.group(), names)]
    if not found or not others:
        return None
    return _put(sentence, found[int(rng.integers(len(found)))], str(rng.choice(others)))


def turned_round(sentence: str, _passage: str, rng: Generator) -> str | None:
    """A "not" put in or taken out, or a word's opposite in its place."""
    flips = [m for m in re.finditer(r"[A-Za-z]+", sentence) if m.group().lower() in _FLIPS]
    if flips and rng.random() < 0.6:
        match = flips[int(rng.integers(len(flips)))]
        other = _FLIPS[match.group().lower()]
        return _put(sentence, Span(*match.span()), other.capitalize() if match.group()[0].isupper() else other)
    if (negated := _NEGATED.search(sentence)) is not None:
        return sentence[: negated.start()] + negated.group(1) + sentence[negated.end() :]
    if (auxiliary := _AUXILIARY.search(sentence)) is not None:
        return sentence[: auxiliary.end()] + " not" + sentence[auxiliary.end() :]
    return None


def run_together(sentence: str, passage: str, rng: Generator) -> str | None:
    """The beginning of a sentence with the end of another, or without its middle: subject and predicate do not meet."""
    words = sentence.split()
    if len(words) < 12:
        return None
    if rng.random() < 0.5:
        start = int(rng.integers(2, len(words) - 8))
        return " ".join(words[:start] + words[start + int(rng.integers(3, 7)) :])
    others = [s.of(passage) for s in sentences(passage, Span(0, len(passage)))]
    far = [other.split() for other in others if other != sentence and len(other.split()) >= 8]
    if not far:
        return None
    tail = far[int(rng.integers(len(far)))]
    cut = int(rng.integers(2, min(7, len(words))))
    return " ".join(words[:cut] + tail[-max(4, len(tail) // 2) :])


CHANGES: Sequence[Change] = (other_number, other_name, turned_round, run_together)


def unsupported(sentence: str, passage: str, rng: Generator) -> str | None:
    """The sentence changed in one of the ways, drawn; None where none of them applies or nothing was changed."""
    order: list[int] = rng.permutation(len(CHANGES)).tolist()
    for number in order:
        changed = CHANGES[number](sentence, passage, rng)
        if changed is not None and _plain(changed) not in _plain(passage):
            return changed
    return None


def _put(text: str, span: Span, other: str) -> str:
    return text[: span.start] + other + text[span.end :]


def _shares(name: str, names: set[str]) -> bool:
    """Whether it may be another way to write one of them."""
    words = set(name.split())
    return any(words & set(other.split()) for other in names)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
