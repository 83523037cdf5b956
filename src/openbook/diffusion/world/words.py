"""The words of captions: what each means, and what is said of one that means nothing here."""

from difflib import SequenceMatcher

from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.world.scene import COLOURS, KINDS, Colour, Kind, Relation, Size

COUNT_WORDS: dict[str, int] = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "1": 1, "2": 2, "3": 3}
SIZE_WORDS: dict[str, Size] = {"small": "small", "little": "small", "tiny": "small", "large": "large", "big": "large"}
COLOUR_WORDS: dict[str, Colour] = {colour: colour for colour in COLOURS}
SINGULAR: dict[str, Kind] = {kind: kind for kind in KINDS}
PLURALS: dict[Kind, str] = {"circle": "circles", "square": "squares", "triangle": "triangles", "cross": "crosses"}
PLURAL: dict[str, Kind] = {plural: kind for kind, plural in PLURALS.items()}

RELATION_PHRASES: dict[str, Relation] = {
    "left of": "left of",
    "to the left of": "left of",
    "on the left of": "left of",
    "right of": "right of",
    "to the right of": "right of",
    "on the right of": "right of",
    "above": "above",
    "over": "above",
    "below": "below",
    "under": "below",
    "beneath": "below",
}
"""What stands between two groups."""

PLACE_PHRASES: dict[str, Relation] = {
    "on the left": "left of",
    "on the right": "right of",
    "at the top": "above",
    "at the bottom": "below",
}
"""What stands after a group, with the relation that it has to the group at the other side."""

OPENINGS = ("a picture of", "a drawing of", "there is", "there are", "draw", "show")
"""What may come first and means nothing."""

JOINING = ("is", "are", "and", "there")

KNOWN = frozenset(
    word
    for phrase in (
        *COUNT_WORDS,
        *SIZE_WORDS,
        *COLOURS,
        *SINGULAR,
        *PLURAL,
        *RELATION_PHRASES,
        *PLACE_PHRASES,
        *OPENINGS,
        *JOINING,
    )
    for word in phrase.split()
)
_MEANT = (
    *(*COLOURS, *SINGULAR, *PLURAL, *SIZE_WORDS, "a", "one", "two", "three"),
    *(phrase for phrase in (*RELATION_PHRASES, *PLACE_PHRASES) if " of" not in phrase),
    *("left of", "right of"),
)

_TOO_MANY = frozenset(("zero", "no", "four", "five", "six", "seven", "eight", "nine", "ten", "some", "many", "several"))
_SHOWN = 20  # characters of an unknown word that are repeated


def check_known(words: list[str]) -> None:
    """Raise DiffusionProblem for the first word that captions do not have, with those they have, the closest first."""
    for word in words:
        if word not in KNOWN:
            if word in _TOO_MANY or word.isdecimal():
                raise DiffusionProblem(
                    f"{word[:_SHOWN]!r} is not a number of shapes: there can be {', '.join(COUNT_WORDS)}"
                )
            shown = word if len(word) <= _SHOWN else word[:_SHOWN] + "…"
            near = sorted(_MEANT, key=lambda known: -SequenceMatcher(None, known, word[:_SHOWN]).ratio())
            raise DiffusionProblem(f"captions have no word {shown!r}; what they have, closest first: {', '.join(near)}")
