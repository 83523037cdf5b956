"""Captions read: from words to the scene, or one line on the first thing that cannot be.

caption  = [opening] told
told     = group [[is | are] relation group] | group place "and" group place | relation group [there] is group
group    = ["the"] [count] [size] colour kind
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.world.captions import noun
from openbook.diffusion.world.scene import TURNED, Group, Scene
from openbook.diffusion.world.words import (
    COLOUR_WORDS,
    COUNT_WORDS,
    OPENINGS,
    PLACE_PHRASES,
    PLURAL,
    RELATION_PHRASES,
    SINGULAR,
    SIZE_WORDS,
    check_known,
)

LONGEST = 200
"""Characters of a caption at most."""

Meant = TypeVar("Meant")


def scene_of(caption: str) -> Scene:
    """What the caption tells. Large and small letters, commas and what ends a sentence make no difference.

    Raises DiffusionProblem for more than ``LONGEST`` characters, an unknown word, and words that tell no scene.
    """
    if len(caption) > LONGEST:
        raise DiffusionProblem(f"the caption has {len(caption):,} characters: say it in {LONGEST} or fewer")
    words = re.sub(r",(?=\s|$)|[.!]+\s*$", " ", caption.lower()).split()
    if not words:
        raise DiffusionProblem("the caption is empty: write one, such as: a red circle left of a blue square")
    check_known(words)
    reading = _Reading(words)
    reading.phrase(OPENINGS)
    scene = _told(reading)
    if reading.rest:
        raise DiffusionProblem(f"nothing can follow {reading.before!r}, but {' '.join(reading.rest)!r} does: remove it")
    return scene


@dataclass(slots=True)
class _Reading:
    words: list[str]
    place: int = 0

    @property
    def rest(self) -> list[str]:
        return self.words[self.place :]

    @property
    def before(self) -> str:
        return " ".join(self.words[: self.place])

    def phrase(self, phrases: Iterable[str]) -> str | None:
        """Take the longest of the phrases that comes next."""
        for phrase in sorted(phrases, key=len, reverse=True):
            wanted = phrase.split()
            if self.words[self.place : self.place + len(wanted)] == wanted:
                self.place += len(wanted)
                return phrase
        return None

    def meaning(self, phrases: Mapping[str, Meant]) -> Meant | None:
        taken = self.phrase(phrases)
        return None if taken is None else phrases[taken]

    def needed(self, what: str, phrases: Mapping[str, Meant]) -> Meant:
        """The meaning of the phrase that must come next."""
        meant = self.meaning(phrases)
        if meant is None:
            where = f"after {self.before!r}" if self.place else "first"
            found = repr(self.rest[0]) if self.rest else "nothing"
            raise DiffusionProblem(f"{what} comes {where} ({', '.join(phrases)}), where the caption has {found}")
        return meant


def _told(reading: _Reading) -> Scene:
    relation = reading.meaning(RELATION_PHRASES)
    if relation is not None:
        second = _group(reading)
        reading.phrase(["there"])
        reading.needed("a verb", {"is": True, "are": True})
        return Scene(_group(reading), relation, second)
    first = _group(reading)
    if not reading.rest:
        return Scene(first)
    reading.phrase(("is", "are"))
    relation = reading.meaning(RELATION_PHRASES)
    if relation is not None:
        return Scene(first, relation, _group(reading))
    place = reading.needed("how the shapes lie", RELATION_PHRASES | PLACE_PHRASES)
    reading.needed("the other group", {"and": True})
    second = _group(reading)
    reading.phrase(("is", "are"))
    opposite = {phrase: relation for phrase, relation in PLACE_PHRASES.items() if relation == TURNED[place]}
    reading.needed("the other place", opposite)
    return Scene(first, place, second)


def _group(reading: _Reading) -> Group:
    """``two small red circles``; without a number one is meant. ``the`` before it means nothing more."""
    reading.phrase(["the"])
    said = reading.phrase(COUNT_WORDS)
    size = reading.meaning(SIZE_WORDS)
    colour = reading.needed("a colour", COLOUR_WORDS)
    written = reading.rest[:1]
    kind = reading.needed("a shape", SINGULAR | PLURAL)
    count = COUNT_WORDS[said] if said else 1
    if written != [noun(kind, count)]:
        if said is None:
            raise DiffusionProblem(f"{written[0]!r} without a number: say how many ({', '.join(COUNT_WORDS)})")
        raise DiffusionProblem(f"{said!r} and {written[0]!r} do not agree: change one")
    return Group(kind, colour, count, size)
