"""Names, numbers and addresses that a draft says and its passage does not: what no support score can excuse.

The support model reads in pieces of words, so that a name or a number that differs in a piece may pass. Whether it
stands in the passage needs no model.
"""

import re
from collections.abc import Iterator

from openbook.answer.overlap import stem

_EDGES = "\"'“”‘’«»()[]{}<>.,;:!?…*_`~"
_PART = re.compile(r"\d+(?:\.\d+)?|[^\W\d_][^\W_]*")
_ADDRESS = re.compile(r"@|://|\w\.\w+/|\Awww\.")
_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
_NUMBER_WORDS = dict(
    zip("zero one two three four five six seven eight nine ten eleven twelve".split(), range(13), strict=True)
)


def unheld(said: str, passage: str, question: str = "") -> list[str]:
    """The words of a sentence that would have to stand in the passage and do not.

    They are those with a digit or an @; those with a capital, the sentence's own first aside, unless the question has
    them; and any that is a piece of an address of the passage. Case, plural endings, commas in numbers, and small
    numbers in words, make no difference.
    """
    tokens = list(_tokens(passage))
    whole = {token.casefold() for token in tokens}
    addresses = {token for token in tokens if _ADDRESS.search(token)}
    held = _forms_of(token for token in tokens if token not in addresses)
    pieces, asked = _forms_of(addresses) - held, _forms_of(_tokens(question))

    def made_up(part: str, *, first: bool) -> bool:
        forms = _forms(part)
        if held & forms or part == "I":
            return False
        if pieces & forms or any(character.isdigit() or character == "@" for character in part):
            return True
        return any(character.isupper() for character in (part[1:] if first else part)) and not asked & forms

    found: list[str] = []
    for place, token in enumerate(_tokens(said)):
        parts = [token] if _ADDRESS.search(token) else _PART.findall(token)
        if token.casefold() not in whole and any(made_up(part, first=place == 0) for part in parts):
            found.append(token)
    return found


def _tokens(text: str) -> Iterator[str]:
    """What stands between blanks, without the marks around it."""
    for word in _COMMA.sub("", text).split():
        bare = word.strip(_EDGES)
        if bare:
            yield bare


def _forms_of(tokens: Iterator[str] | set[str]) -> set[str]:
    return {form for token in tokens for part in _PART.findall(token) for form in _forms(part)}


def _forms(part: str) -> set[str]:
    """What a word is found by: itself, without its ending, and a number in digits."""
    plain = part.casefold()
    found = {plain, plain.removesuffix("s"), stem(plain)}
    return found | {str(_NUMBER_WORDS[each]) for each in found if each in _NUMBER_WORDS}
