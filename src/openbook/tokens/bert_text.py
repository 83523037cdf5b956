"""BERT's reading of a text before WordPiece: cleaned, folded, cut at white space and punctuation, positions kept.

Devlin et al. 2018, ``tokenization.py``, as the ``tokenizers`` library does it: unassigned characters stay. That library
has the categories of Unicode 8, so characters added since may be cleaned or cut otherwise there; it is these, and no
others, that the tests leave out.
"""

import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_WHITE_SPACE = frozenset("\t\n\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200B)}
_REMOVED = frozenset({"Cc", "Cf", "Co", "Cs"})
_CHINESE = (
    *((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F)),
    *((0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)),
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A word as WordPiece reads it, and for each of its characters the place in the text that it came from."""

    text: str
    places: tuple[int, ...]


def words(text: str, *, lowercase: bool = True) -> Iterator[Folded]:
    """The words of a text, in order; ``lowercase`` also strips accents, as in BERT's uncased models."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for folded in fold(character, lowercase=lowercase):
            alone = folded == " " or is_punctuation(folded) or is_chinese(character)
            if alone and letters:
                yield Folded("".join(letters), tuple(places))
                letters, places = [], []
            if alone and folded != " ":
                yield Folded(folded, (place,))
            elif not alone:
                letters.append(folded)
                places.append(place)
    if letters:
        yield Folded("".join(letters), tuple(places))


def fold(character: str, *, lowercase: bool = True) -> str:
    """What becomes of one character: nothing for controls, a space for white space, else itself or its plain form."""
    if character in _WHITE_SPACE:
        return " "
    if character in "\0\ufffd" or unicodedata.category(character) in _REMOVED:
        return ""
    if not lowercase:
        return character
    parts = unicodedata.normalize("NFD", character)
    return "".join(part.lower() for part in parts if unicodedata.category(part) != "Mn")


def is_punctuation(character: str) -> bool:
    """Unicode's punctuation, and all of ASCII's that is neither letter nor digit, such as $ and +."""
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def is_chinese(character: str) -> bool:
    """A CJK ideograph: each is a word of its own."""
    return any(low <= ord(character) <= high for low, high in _CHINESE)
