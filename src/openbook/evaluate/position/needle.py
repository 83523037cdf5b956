"""A needle in a haystack: one sentence at a depth of a filler, asked for (Kamradt 2023).

The needles are made, so that no model knows them and no two are alike: what is found was read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from openbook.documents import sentences
from openbook.evaluate.position.probe import Probe, document
from openbook.evaluate.scores import BadScores
from openbook.values import Span

Count = Callable[[str], int]
"""Tokens of a text, as the model that is probed counts them."""

MOST_TOKENS = 2_000_000
"""Of a haystack, by its counter."""

_KINDS = "copper silver wooden narrow crooked painted hollow northern quiet folded woven gilded".split()
_THINGS = "lantern harbour orchard ledger compass chapel barrel causeway loom quarry granary beacon".split()


@dataclass(frozen=True, slots=True)
class Needle:
    """A sentence, the question that it answers, and the words that do."""

    sentence: str
    question: str
    answer: str


def needles(count: int, seed: int = 0) -> list[Needle]:
    """Different ones, 144 at most; the same for the same seed, and the first ones the same for every count."""
    rng = np.random.default_rng(seed)
    names = [f"{kind} {thing}" for kind in _KINDS for thing in _THINGS]
    if not 1 <= count <= len(names):
        raise BadScores(f"needles are made 1 to {len(names)} at a time, not {count}")
    order, codes = rng.permutation(len(names)), rng.permutation(90_000) + 10_000
    return [
        Needle(f"The code of the {names[n]} is {code}.", f"What is the code of the {names[n]}?", str(code))
        for n, code in zip(order[:count].tolist(), codes.tolist(), strict=False)
    ]


def needle_probes(
    filler: Sequence[str],
    found: Sequence[Needle],
    lengths: Sequence[int],
    depths: Sequence[float],
    count: Count,
    source: str = "haystack",
) -> Iterator[Probe]:
    """Every needle at every depth of every length. filler: texts, taken in order and again from the first.

    A haystack is the longest run of whole sentences that leaves room for its needle, which stands between two of them;
    a sentence with more tokens than there is room ends it.
    Each needle's filler begins elsewhere, so that items do not share it. Raises BadScores where there is no sentence.
    """
    said = [span.of(text) for text in filler for span in sentences(text, Span(0, len(text)))]
    straw = [(sentence, size) for sentence in said if (size := count(sentence)) > 0]
    if not straw:
        raise BadScores("the filler has no sentence: give texts to hide a needle in")
    if max(lengths, default=0) > MOST_TOKENS:
        raise BadScores(f"a haystack has {MOST_TOKENS:,} tokens at most: ask for a shorter one")
    for number, needle in enumerate(found):
        start = number * len(straw) // max(1, len(found))
        for length in lengths:
            hay = _run(straw, start, length - count(needle.sentence))
            for depth in depths:
                place = round(depth * len(hay))
                text = " ".join([*hay[:place], needle.sentence, *hay[place:]])
                parts = (document(text, source),)
                yield Probe("needle", f"needle {number}", length, depth, parts, needle.question, (needle.answer,))


def _run(straw: Sequence[tuple[str, int]], start: int, room: int) -> list[str]:
    """Sentences from ``start`` on, round and round, as many as fit."""
    hay: list[str] = []
    for sentence, size in cycle([*straw[start:], *straw[:start]]):
        room -= size
        if room < 0:
            return hay
        hay.append(sentence)
    return hay
