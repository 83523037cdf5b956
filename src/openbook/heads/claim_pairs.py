"""Claims as labelled pairs: the statement asks, the passage answers where it backs it, and the span is the evidence."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from openbook.documents import sentences
from openbook.heads.claims import supported, unsupported
from openbook.heads.cloze_pairs import Text
from openbook.heads.examples import Example
from openbook.values import Span

_FEWEST_WORDS, _MOST_WORDS = 6, 45
BACKED, CHANGED = 0.5, 0.4
"""Shares of the claims; the rest is backed by a sentence that was taken out of the passage."""


def claim_examples(texts: Sequence[Text], count: int, seed: int) -> list[Example]:
    """``count`` claims at most, half of them backed. The same for a seed."""
    rng = np.random.default_rng(seed)
    found: list[Example] = []
    for _ in range(4 * count):
        if len(found) == count or not texts:
            break
        example = _one(texts[int(rng.integers(len(texts)))], f"claim:{len(found)}", rng)
        if example is not None:
            found.append(example)
    return found


def _one(text: Text, name: str, rng: Generator) -> Example | None:
    found = sentences(text.text, Span(0, len(text.text)))
    usable = [s for s in found if _FEWEST_WORDS <= len(s.of(text.text).split()) <= _MOST_WORDS]
    if not usable:
        return None
    place = usable[int(rng.integers(len(usable)))]
    sentence = place.of(text.text)
    kind = rng.random()
    if kind < BACKED:
        claim = supported(sentence, rng)
        return Example(name, "claim", text.group, claim, text.text, (), (place,), answerable=True)
    passage = text.text
    if kind < BACKED + CHANGED:
        changed = unsupported(sentence, passage, rng)
    else:
        changed, passage = supported(sentence, rng), text.text[: place.start] + text.text[place.end :]
    if changed is None or not passage.strip():
        return None
    return Example(name, "claim", text.group, changed, passage, answerable=False)
