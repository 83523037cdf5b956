"""Question answering over several documents, the one that answers at each place among others (Liu et al. 2023, 2)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from openbook.evaluate.position.probe import Probe, document, holds

MOST_DOCUMENTS = 1_000

Mine = Callable[[str, int], Sequence[str]]
"""(question, k) -> texts that look as if they answered, best first; the gold one may be among them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of people, what counts as right, and the text that answers. page: where the text comes from."""

    item: str
    question: str
    references: tuple[str, ...]
    gold: str
    page: str = ""


def document_probes(
    asked: Sequence[Asked], lengths: Sequence[int], depths: Sequence[float], mine: Mine
) -> Iterator[Probe]:
    """Each question over ``length`` documents, the gold one at each depth, the others in the order they were mined.

    A mined text that holds an answer is no distractor. A length for which too few are found is left out.
    """
    for one in asked:
        others = distractors(one, max(lengths, default=1) - 1, mine)
        for length in lengths:
            if len(others) < length - 1:
                continue
            chosen = others[: length - 1]
            for depth in depths:
                place = round(depth * len(chosen))
                texts = [*chosen[:place], one.gold, *chosen[place:]]
                parts = tuple(document(text, f"document {n}") for n, text in enumerate(texts, start=1))
                yield Probe("qa", one.item, length, depth, parts, one.question, one.references)


def distractors(one: Asked, count: int, mine: Mine) -> list[str]:
    """At most ``count`` mined texts, each once, that are not the gold one and hold no answer."""
    if not count:
        return []
    found = dict.fromkeys(mine(one.question, 3 * count + 10))
    return [text for text in found if text != one.gold and not holds(text, one.references)][:count]


def from_other_pages(asked: Sequence[Asked], seed: int = 0) -> Mine:
    """Texts of the other questions at random, the same for a question whenever it is asked: where nothing searches."""
    texts = sorted({one.gold for one in asked})
    place = {one.question: number for number, one in enumerate(asked)}
    pages = {one.question: {other.gold for other in asked if other.page == one.page} for one in asked if one.page}

    def mine(question: str, k: int) -> list[str]:
        rng = np.random.default_rng([seed, place.get(question, len(place))])
        order: list[int] = rng.permutation(len(texts)).tolist()
        own = pages.get(question, set[str]())
        return [texts[n] for n in order if texts[n] not in own][:k]

    return mine
