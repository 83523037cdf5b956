"""A sentence without the clauses that a question does not ask for: what a writer learns to answer with.

Sentences are shortened by leaving out, never by rewording, so that what is left is as true as its source (Knight and
Marcu 2000 compress sentences likewise, by a parser; here commas, brackets and conjunctions show the clauses).
"""

import re

from openbook.documents import sentences
from openbook.values import Span

_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_ENDING = re.compile(
    r"(?:,|;|\s[-–—])\s+(?=(?:and|but|while|although|though|which|who|whose|where|when|because|as|with|including|after|"
    r"before|so|[a-z]+ing)\b)"
)
_BETWEEN = re.compile(r",\s(?:which|who|whose|where|including|such as|however|[a-z]+ed|[a-z]+ing)\b[^,;]{3,80},(?=\s)")
_WORD = re.compile(r"\w+")
_PLAIN = frozenset(
    "a an and are as at be by did do does for from had has have how in is it its many much of on or that the their"
    " this to was were what when where which who whom why with".split()
)
FEWEST_WORDS = 4


def shortened(sentence: str, answer: Span, question: str) -> str:
    """Without brackets, closing clauses and asides that hold neither the answer nor a telling word of the question.

    answer: within the sentence. The sentence as it is where less than ``FEWEST_WORDS`` would be left.
    """
    asked = _telling(question)

    def needed(piece: Span) -> bool:
        return (piece.start < answer.end and answer.start < piece.end) or bool(asked & _telling(piece.of(sentence)))

    out: list[Span] = [span for span in _spans(_BRACKETS, sentence) if not needed(span)]
    end = len(sentence.rstrip(" .!?"))
    for match in reversed(list(_ENDING.finditer(sentence))):
        piece = Span(match.start(), end)
        if match.start() < 10 or needed(piece):
            break
        out.append(piece)
        end = match.start()
    out += [s for s in _spans(_BETWEEN, sentence) if s.end <= end and not needed(s)]
    kept = "".join(c for place, c in enumerate(sentence) if not any(s.start <= place < s.end for s in out))
    kept = " ".join(kept.split())
    return kept if len(kept.split()) >= FEWEST_WORDS else " ".join(sentence.split())


def holding(passage: str, answer: Span) -> Span | None:
    """The sentence that the answer lies in; None where it runs over its end."""
    return next((s for s in sentences(passage, Span(0, len(passage))) if s.holds(answer)), None)


def _spans(pattern: re.Pattern[str], text: str) -> list[Span]:
    return [Span(*match.span()) for match in pattern.finditer(text)]


def _telling(text: str) -> set[str]:
    return {word[:5] for word in _WORD.findall(text.casefold()) if word not in _PLAIN}
