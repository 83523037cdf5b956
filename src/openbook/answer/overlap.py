"""How much of a question's words a text holds, weighted by how telling each word is."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import log

from openbook.index.words import words

_PLURAL = (("ies", "y"), ("sses", "ss"), ("s", ""))
_WORD = re.compile(r"\w+")


def stem(word: str) -> str:
    """The word without the commonest English endings: plurals (Harman 1991, the S stemmer), -ing, -ed."""
    if word.endswith(("us", "ss")):
        return word
    for ending, instead in _PLURAL:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word.removesuffix(ending) + instead
            break
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    return word.removesuffix("e") if len(word) > 4 else word


def question_stems(question: str) -> list[str]:
    """The stems of the question's content words, each once."""
    return list(dict.fromkeys(stem(word) for word in words(question)))


def stems(text: str) -> frozenset[str]:
    return frozenset(stem(word.casefold()) for word in _WORD.findall(text))


def inverse_frequencies(wanted: Sequence[str], texts: Sequence[AbstractSet[str]]) -> dict[str, float]:
    """ln(1 + N / (n + 0.5)) for each wanted stem; N texts, of which n hold it. A stem that none holds weighs most."""
    return {word: log(1 + len(texts) / (sum(word in text for text in texts) + 0.5)) for word in wanted}


def coverage(weights: Mapping[str, float], text: AbstractSet[str]) -> float:
    """The share of the question's weight that the text holds, in [0, 1]; 0 for a question without words."""
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in text) / total if total else 0.0
