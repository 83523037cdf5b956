"""Characters that no screen shows and every model reads: zero-width, tags, direction overrides, variation selectors.

What they are made for stays: emoji sequences, joiners in Arabic and Indic scripts, breaks in Thai or Khmer, a
byte-order mark, direction marks beside right-to-left letters. Attacks: Boucher and Anderson 2021 ("Trojan Source"),
Goodside 2024 (tag characters), Butler 2025 (variation selectors).
"""

import re
import unicodedata
from collections.abc import Iterator

from openbook.guard.finding import Finding, Unseen
from openbook.values import Span

_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_FLAG = re.compile("[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
"""The region of a flag, after U+1F3F4: the only tag sequence there is (Unicode Technical Standard 51)."""

_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_OVERRIDES = re.compile("[\u202d\u202e]+")
_OPENERS, _CLOSERS = frozenset("\u202a\u202b\u2066\u2067\u2068"), frozenset("\u202c\u2069")
_EMBEDDINGS = re.compile("[\u202a\u202b\u202c\u2066-\u2069]")

_WIDTHLESS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u3164\ufeff\uffa0]+")
_SPLIT_WORD = re.compile("[A-Za-z](?:[\u00ad\u200c][A-Za-z](?![A-Za-z])){2,}")
"""Single letters between soft hyphens or non-joiners: no hyphenation and no ligature leaves these."""

_NEAR = 16
"""Characters that two hits of a rule may be apart and still be one finding."""

_WESTERN = ("LATIN", "GREEK", "CYRILLIC", "DIGIT")


def hidden_unicode(text: str) -> Iterator[Finding]:
    """One finding for each stretch, so that a word with a sign between every two letters is one."""
    if text.isascii():
        return
    yield from _found("zero-width", _widthless(text), "characters without width that no script asks for here")
    yield from _found("tag-characters", _tags(text), "tag characters, which spell a text that is not shown")
    yield from _found("variation-selectors", _selectors(text), "variation selectors that vary nothing and carry bytes")
    yield from _found("bidi-override", _bidi(text), "direction signs that show the text in another order than it has")


def smuggled(text: str) -> Iterator[Unseen]:
    """What tag characters and variation selectors spell."""
    if text.isascii():
        return
    for span in _tags(text):
        said = "".join(chr(ord(c) - 0xE0000) for c in span.of(text) if "\U000e0020" <= c <= "\U000e007e")
        yield Unseen("tag-characters", span, "tag characters", said)
    for span in _joined(list(_selectors(text))):
        data = bytes(_byte(c) for c in span.of(text) if _SELECTORS.match(c))
        yield Unseen("variation-selectors", span, "variation selectors", data.decode("utf-8", "replace"))


def _found(rule: str, spans: Iterator[Span], what: str) -> Iterator[Finding]:
    for span in _joined(sorted(spans)):
        yield Finding(rule, span, what)


def _joined(spans: list[Span]) -> Iterator[Span]:
    held: Span | None = None
    for span in spans:
        if held is None or span.start > held.end + _NEAR:
            if held is not None:
                yield held
            held = span
        else:
            held = Span(held.start, max(held.end, span.end))
    if held is not None:
        yield held


def _widthless(text: str) -> Iterator[Span]:
    for found in _WIDTHLESS.finditer(text):
        start, end = found.span()
        if start == 0 and found[0] == "\ufeff":
            continue
        before, after = text[start - 1 : start], text[end : end + 1]
        if len(found[0]) > 2 or not (_wanted(before, after) or _at_an_edge(found[0], before, after)):
            yield Span(start, end)
    for found in _SPLIT_WORD.finditer(text):
        yield Span(*found.span())


def _wanted(before: str, after: str) -> bool:
    """Beside a sign or a letter whose script uses joiners, breaks or fillers."""
    return any(_joins(character) for character in (before, after) if character)


def _at_an_edge(run: str, before: str, after: str) -> bool:
    """One sign that does not part a word, as a break in an address does not, or a non-joiner, which parts ligatures."""
    return run == "\u200c" or (len(run) == 1 and not (before.isalnum() and after.isalnum()))


def _joins(character: str) -> bool:
    kind = unicodedata.category(character)
    if kind[0] in "LM":
        return not unicodedata.name(character, "").startswith(_WESTERN)
    return kind in ("So", "Sk", "Cs") or character == "\ufe0f"


def _tags(text: str) -> Iterator[Span]:
    for found in _TAGS.finditer(text):
        start, end = found.span()
        flag = _FLAG.match(text, start) if text[start - 1 : start] == "\U0001f3f4" else None
        if flag is not None:
            start = flag.end()
        if start < end:
            yield Span(start, end)


def _selectors(text: str) -> Iterator[Span]:
    for found in _SELECTORS.finditer(text):
        start, end = found.span()
        if end - start == 1 and _varies(text[start - 1 : start], found[0]):
            continue
        yield Span(start + (end - start > 1 and _varies(text[start - 1 : start], found[0][0])), end)


def _varies(base: str, selector: str) -> bool:
    """Whether a selector can mean something after this character."""
    if selector >= "\U000e0100":
        return unicodedata.name(base, "").startswith("CJK") if base else False
    return bool(base) and (base in "0123456789#*" or not (base.isascii() or base.isspace()))


def _byte(selector: str) -> int:
    number = ord(selector)
    return number - 0xFE00 if number < 0xE0100 else number - 0xE0100 + 16


def _bidi(text: str) -> Iterator[Span]:
    for found in _OVERRIDES.finditer(text):
        yield Span(*found.span())
    if not _EMBEDDINGS.search(text):
        return
    start = 0
    for line in text.splitlines(keepends=True):
        signs = _EMBEDDINGS.findall(line)
        if signs and not _balanced(signs) and not any(unicodedata.bidirectional(c) in ("R", "AL") for c in line):
            yield from (Span(start + f.start(), start + f.end()) for f in _EMBEDDINGS.finditer(line))
        start += len(line)


def _balanced(signs: list[str]) -> bool:
    """A sign that is still open where its line ends turns what follows around, as in "Trojan Source"."""
    depth = 0
    for sign in signs:
        depth += (sign in _OPENERS) - (sign in _CLOSERS)
        if depth < 0:
            return False
    return depth == 0
