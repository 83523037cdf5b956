"""Sentences by rule, in any script whose stops are known, in time linear in the length of the text.

A stop ends a sentence unless it belongs to an abbreviation, an initial, a number or an enumeration, or the next word
goes on in lower case. Closing quotes and brackets, and the numbers of notes, stay with the sentence before.
"""

import re
from collections.abc import Iterator

from openbook.documents.abbreviations import (
    BEFORE_NUMBERS,
    MAY_BE_LAST,
    MONTHS,
    MONTHS_AND_DAYS,
    NEVER_LAST,
    OFTEN_LAST,
    STARTERS,
    TITLES,
)
from openbook.documents.lines import hard_breaks
from openbook.values import Span

# every repetition is of one class that the next one does not begin with, and a match always succeeds: no backtracking
_STOP = re.compile(
    r"([.!?…‥。！？｡．؟۔।॥։።፧፨။៕]+)([\"'”’»)\]}›」』）】》〉〕*_`~]*)"
    r"([¹²³⁰⁴-⁹]{1,4}|\d{1,2}|(?:\[[a-z0-9][a-z0-9 ]{0,30}\])*)"  # a note's number, raised, glued on or in brackets
)
_WITHOUT_SPACE = frozenset("。！？｡．؟۔।॥።፧፨။៕")
"""Stops of scripts that put no blank after a sentence, or that mean nothing else."""

_FORMULA = re.compile(r"\s*\$\$")
_AFTER = re.compile(r"\s*[\"'“‘«‹„‚(\[{¿¡*_`#<>–—-]{0,8}")
_FIRST_WORD = re.compile(r"\w{1,20}")
_CLOSED_QUOTES = frozenset("」』）】》〉”")
_PARTICLES = frozenset("とっではがをにもの、，,")
"""What goes on after a closed quotation in Japanese or Chinese."""

_LONGEST_ABBREVIATION = 16
_BEFORE_REFERENCES = BEFORE_NUMBERS | NEVER_LAST | MONTHS_AND_DAYS
_IN_WORD = frozenset(".'’&-")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$")
_ENUMERATION = re.compile(r"(?:\d{1,3}|[a-z]|x{0,3}(?:ix|iv|v?i{1,3}|v)|x{1,3})$", re.IGNORECASE)
_BEFORE_ENUMERATION = frozenset(" \t\n#>*-_([•–—")
_BELIEVED = 4
"""Letters that a word needs before the lower-case word after its full stop is taken for a beginning."""


def sentences(text: str, span: Span) -> list[Span]:
    """The sentences of ``text`` inside ``span``, in order, without the blanks around them.

    Every other character of the span is in exactly one of them. Raises ValueError where the span leaves the text.
    """
    if span.end > len(text):
        raise ValueError(f"{span} lies outside a text of {len(text)} characters")
    found: list[Span] = []
    start = span.start
    for end in (*hard_breaks(text, span.start, span.end), span.end):
        for stop in _stops(text, start, end):
            trimmed = _trimmed(text, start, stop)
            if trimmed:
                found.append(trimmed)
            start = stop
        start = end
    return found


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    inner = piece.strip()
    if not inner:
        return None
    start += len(piece) - len(piece.lstrip())
    return Span(start, start + len(inner))


def _stops(text: str, start: int, end: int) -> Iterator[int]:
    """Where the sentences of text[start:end] end; the last at ``end``. A formula between ``$$`` is one."""
    begin = start
    if _FORMULA.match(text, start, end) and text[start:end].rstrip().endswith("$$"):
        yield end
        return
    for match in _STOP.finditer(text, start, end):
        if match.end() < end and _ends(text, begin, match, end):
            yield match.end()
            begin = match.end()
    yield end


def _ends(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether the stop found ends the sentence that began at ``begin``; it is not the last character before ``end``."""
    marks, closers = match[1], match[2]
    stop = match.end()
    if not _WITHOUT_SPACE.isdisjoint(marks):
        goes_on = closers and closers[-1] in _CLOSED_QUOTES and text[stop] in _PARTICLES
        return not goes_on and not (marks == "．" and match[3])
    if not text[stop].isspace():
        return False
    after = _AFTER.match(text, stop, end)
    at = after.end() if after else stop
    if at == end or text[at] in ".!?…":  # only signs are left, or a spaced ellipsis
        return False
    if match[3].isdecimal() and not _is_note(text, begin, match, text[at]):
        return False
    if marks == ".":
        return _full_stop_ends(text, begin, match, at, end)
    return not text[at].islower() or (marks[-1] == "?" and not closers)


def _is_note(text: str, begin: int, match: re.Match[str], following: str) -> bool:
    """Whether digits glued to a stop number a note, as in "end.1 Next", and are not part of a number or reference."""
    word = _word_before(text, begin, match.start())
    is_word = len(word) > 1 and word.isalpha() and word.lower() not in _BEFORE_REFERENCES
    return following.isupper() and (bool(match[2]) or is_word)


def _full_stop_ends(text: str, begin: int, match: re.Match[str], at: int, end: int) -> bool:
    """The same for a single full stop, by the word before it and what follows at ``at``."""
    word = _word_before(text, begin, match.start())
    lower = word.lower()
    following = _FIRST_WORD.match(text, at, end)
    next_word = following[0] if following else text[at]
    if next_word[0].islower():
        known = lower in NEVER_LAST or lower in MAY_BE_LAST or lower in OFTEN_LAST
        return len(word) >= _BELIEVED and word.isalpha() and not known and not match[2]
    if _is_enumeration(text, begin, match.start() - len(word), word):
        return False
    if lower in NEVER_LAST or (lower in TITLES and word[0].isupper()):
        return False
    is_date = lower in MONTHS_AND_DAYS and word[0].isupper()
    if next_word[0].isdigit() and (is_date or lower in BEFORE_NUMBERS):
        return False
    if lower in OFTEN_LAST:
        return True
    if lower in MAY_BE_LAST or is_date or _INITIALS.match(word) or (len(word) == 1 and word.isupper() and word != "I"):
        return next_word.lower() in STARTERS and "(" not in text[match.end() : at]
    return not (word.isdigit() and next_word.lower() in MONTHS)


def _word_before(text: str, begin: int, dot: int) -> str:
    start = dot
    least = max(begin, dot - _LONGEST_ABBREVIATION)
    while start > least and (text[start - 1].isalnum() or text[start - 1] in _IN_WORD):
        start -= 1
    return text[start:dot].lstrip(".'’&-")


def _is_enumeration(text: str, begin: int, start: int, word: str) -> bool:
    """ "1." or "b." or "iv." at the very beginning numbers the sentence."""
    before = text[begin:start] if start - begin <= _LONGEST_ABBREVIATION else "?"
    return bool(_ENUMERATION.match(word)) and _BEFORE_ENUMERATION.issuperset(before)
