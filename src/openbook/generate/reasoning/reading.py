"""Which answer a text gives, as plain callables: a number, a choice's letter, yes or no, or the words themselves.

A text is read behind the last mark that says where its answer stands ("####" as in GSM8K, "the answer is", a \\boxed
of a mathematical text), and where there is none, at its end. None: it cannot be read; nothing is guessed.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from openbook.generate.reasoning.numbers import numbers_in, written

T = TypeVar("T")

Reading: TypeAlias = Callable[[str], str | None]
"""A text in, its answer in one spelling out."""

LONGEST = 20_000
"""Characters of a text that are read, from its end."""

_LONGEST_ANSWER = 200

_MARK = re.compile(
    r"####|\\boxed\s{0,3}\{|\b(?:the|final)\s{1,3}answer\s{1,3}is\b\s{0,3}:?|\banswer\s{0,3}:", re.IGNORECASE
)
_BRACKETED = re.compile(r"[(\[]([A-Z])[)\]]")
_BEGINS = re.compile(r"[\s*(\[]{0,6}([A-Z])()(?:[*.):\]]|$)")
_WITHIN = re.compile(r"[(\[]([A-Z])[)\]]|\b([B-HJ-Z])\b")
_HEADS = re.compile(r"([A-Z])(?:[.):\]]|$)")
_YES_OR_NO = re.compile(r"\b(yes|no|true|false)\b", re.IGNORECASE)


def marked(text: str) -> str | None:
    """What stands behind the last mark, up to the end of its line; None without a mark, or with nothing behind it."""
    text = text[-LONGEST:]
    last = _last(_MARK.finditer(text))
    if last is None:
        return None
    rest = text[last.end() :].lstrip()
    if last.group().endswith("{"):
        rest = rest.partition("}")[0]
    return rest.partition("\n")[0].strip() or None


def number(text: str) -> str | None:
    """The first number behind the mark, or without a mark the last of the text."""
    said = marked(text)
    if said is not None:
        return next(map(written, numbers_in(said)), None)
    last = _last(numbers_in(text[-LONGEST:]))
    return None if last is None else written(last)


def words(text: str) -> str | None:
    """The words behind the mark, or without a mark the last line: lower case, single blanks, bare of marks around."""
    said = marked(text)
    if said is None:
        lines = text[-LONGEST:].strip().splitlines()
        said = lines[-1] if lines else ""
    bare = " ".join(said.casefold().split()).strip(" .,;:!?\"'*`")
    return bare[:_LONGEST_ANSWER] or None


def choice(text: str) -> str | None:
    """A capital letter: the first behind the mark; without a mark the last in brackets, or one the text begins with.

    A and I are words too: within a sentence only (A) and (I) count.
    """
    said = marked(text)
    if said is not None:
        found = _BEGINS.match(said) or _WITHIN.search(said)
        return None if found is None else found[1] or found[2]
    text = text[-LONGEST:].strip()
    found = _last(_BRACKETED.finditer(text)) or _HEADS.match(text)
    return None if found is None else found[1]


def yes_or_no(text: str) -> str | None:
    """yes or no, also said as true or false: the first behind the mark, or without a mark the last of the text."""
    said = marked(text)
    found = _YES_OR_NO.findall(text[-LONGEST:] if said is None else said)
    if not found:
        return None
    return "yes" if (found[-1] if said is None else found[0]).lower() in ("yes", "true") else "no"


def _last(found: Iterable[T]) -> T | None:
    last = None
    for each in found:
        last = each
    return last


READINGS: Mapping[str, Reading] = MappingProxyType(
    {"number": number, "words": words, "choice": choice, "yes-no": yes_or_no}
)
"""By the name that an option gives."""
