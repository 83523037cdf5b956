"""A request cut into the parts that are done one after the other."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openbook.agent.request.form import QUESTION, asked, depends, is_negated, is_question, leaves_open, unwrapped
from openbook.agent.request.mentions import Mention, mentions, told_alike
from openbook.agent.request.references import REFERENCE, Reference, reference_of
from openbook.agent.request.spoken import arithmetic

MOST_CHARACTERS, MOST_PARTS = 4_000, 12

_ENDS = re.compile(r"[.!?]+(?=\s)|;|\n+")
_THEN = re.compile(r",?\s+(?:and\s+)?(?:then|after that|afterwards)\b,?\s+", re.IGNORECASE)
_AND = re.compile(r",?\s+and\s+(?:also\s+)?|,\s+", re.IGNORECASE)
_INNER = re.compile(
    r"(?:the|a|an|my|our|your|its|their|his|her|(?:to|of|in|on|at|by|for|from|with|as|after|before|according|based|given)\b"
    r"(?! (?:what|which|whom|whose)\b))\b",
    re.IGNORECASE,
)
_THING = re.compile(r"(?:the|my|our|its|their)\b(?: [\w’'-]+){1,5}(?:$|[?.!]|,? and |, )", re.IGNORECASE)
_HELP = re.compile(r"\b(?:is|are|was|were|do|does|did|has|have|had|can|will)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """text: unwrapped. alike: with stand-ins for what is named. forbids: whether nothing may be changed by it, since it
    says not to, or only in some case."""

    text: str
    alike: str
    mentions: tuple[Mention, ...]
    references: tuple[Reference, ...]
    question: bool
    forbids: bool = False


def part_of(text: str, *, forbids: bool = False) -> Part:
    text = unwrapped(text.strip())
    found = mentions(text)
    hidden = _hidden(text, found)
    references = tuple(reference_of(match) for match in REFERENCE.finditer(hidden))
    alike = told_alike(text, found)
    return Part(text, alike, tuple(found), references, is_question(text), forbids or is_negated(hidden))


def parts_of(request: str, can: Callable[[Part], bool]) -> list[Part]:
    """In order. can: whether a part by itself is something that can be done; only then a sentence is cut at "and"."""
    sentences = _cut(request, _ENDS)
    forbids = any(_is_conditional(each) for each in sentences)
    found: list[Part] = []
    for sentence in sentences:
        for piece in _cut(sentence, _THEN):
            found += [
                part_of(text, forbids=forbids or is_negated(_hidden(sentence, mentions(sentence))))
                for text in _joined(piece, can)
            ]
    return found


def _is_conditional(sentence: str) -> bool:
    """ "If it is over 900, ..." and "Is it over 900? Then ...": a plan made beforehand cannot know."""
    said = unwrapped(sentence)
    return leaves_open(said) or (not is_question(said) and depends(_hidden(said, mentions(said))))


def _cut(text: str, at: re.Pattern[str]) -> list[str]:
    """Never within a quoted text, a name or an address."""
    pieces: list[str] = []
    start = 0
    for match in at.finditer(_hidden(text, mentions(text))):
        keeps = match.start() + (1 if text[match.start()] in ".!?" else 0)
        pieces.append(text[start:keeps])
        start = match.end()
    return [piece.strip() for piece in (*pieces, text[start:]) if any(c.isalnum() for c in piece)]


def _joined(text: str, can: Callable[[Part], bool]) -> list[str]:
    """At the first "and" or comma on both sides of which something can be done."""
    if arithmetic(text) is not None:
        return [text]
    for match in _AND.finditer(_hidden(text, mentions(text))):
        left, right = text[: match.start()], text[match.end() :]
        if _lists(left, right):
            right = f"what is {right}"
        if not _is_clause(left) or not _is_clause(right):
            continue
        left = _completed(left, right)
        if can(part_of(left)) and can(part_of(right)):
            return [left, *_joined(right, can)]
    return [text]


def _is_clause(text: str) -> bool:
    """Whether it begins with a word that is not itself a name, a number, a noun's article or a preposition."""
    text = unwrapped(text)
    first = mentions(text)
    begins_with_mention = bool(first) and not text[: first[0].span.start].strip()
    return " " in text and not begins_with_mention and _INNER.match(text) is None


def _lists(left: str, right: str) -> bool:
    """ "the rent, the deposit and ...": another thing that is asked for."""
    first = re.match(r"what(?: is| are|['’]s) (?:the|my|our|its|their)\b", asked(unwrapped(left)), re.IGNORECASE)
    return first is not None and _THING.match(right) is not None and not re.search(r"\bbetween\b|\bboth\b", left)


def _completed(left: str, right: str) -> str:
    """ "how many cars" before "how many people does it carry" asks how many cars does it carry."""
    verb = _HELP.search(right)
    if QUESTION.match(unwrapped(left)) and verb and left.count(" ") <= 4 and not _HELP.search(left):
        return f"{left} {right[verb.start() :]}"
    return left


def _hidden(text: str, found: Sequence[Mention]) -> str:
    """The text, of the same length, without what is named in it."""
    for each in found:
        if each.kind in ("text", "uri", "path", "mail", "date"):
            text = text[: each.span.start] + "0" * (each.span.end - each.span.start) + text[each.span.end :]
    return text
