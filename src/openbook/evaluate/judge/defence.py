"""Texts that look like an attack on their judge are flagged; a flag changes no score.

Two looks: words shaped like a verdict, found by pattern, and the score of an injection detector where one is given.
"""

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from openbook.values import Span

LOOKS_LIKE_VERDICT = "verdict"
LOOKS_LIKE_INJECTION = "injection"

_VERDICT = re.compile(
    r"""
    ["']?\b(?:score|rating|better|verdict|choice)\b["']?\s*[:=]\s*["']?(?:\d|first\b|second\b|tie\b)  # "score": 5
    | \b(?:give|assign|award|output|return|answer|reply|respond|write|print|say)\b[^.!?\n]{0,60}
      \b(?:score|rating|grade|marks?|verdict|points?|[0-9]+\s*(?:/|out\s+of)\s*[0-9]+)\b            # give it a score
    | \b(?:rate|score|grade)\s+(?:this|it|me|the\s+(?:text|summary|answer|above|following))\b           # rate this
    | \b(?:ignore|disregard|forget)\b[^.!?\n]{0,30}
      \b(?:above|previous|prior|preceding|earlier|instructions?|criteri(?:on|a)|steps)\b              # ignore the above
    | \b(?:dear|note\s+to|attention)[\s,:]+(?:the\s+)?(?:judge|grader|evaluator|rater)s?\b            # note to judge
    | ^\s*(?:system|assistant|user|judge)\s*:                        # another's turn
    | </?\s*(?:document|source|candidate|text|system|instructions?)\b[^>\n]{0,60}>                 # a fence
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


class _Found(Protocol):
    @property
    def flagged(self) -> bool: ...


Detector: TypeAlias = Callable[[Sequence[str]], Sequence[_Found]]
"""As ``openbook.encode.injection.InjectionDetector``."""


def verdict_like(text: str) -> Span | None:
    """Where a text has words that speak to a judge, or are shaped like what a judge would say; None where nowhere."""
    found = _VERDICT.search(text)
    return None if found is None else Span(*found.span())


def flags(texts: Sequence[str], detector: Detector | None) -> list[tuple[str, ...]]:
    """For each text, what it looks like. Without a detector, by pattern alone."""
    caught = [one.flagged for one in detector(texts)] if detector is not None and texts else [False] * len(texts)
    return [
        (
            *((LOOKS_LIKE_VERDICT,) if verdict_like(text) is not None else ()),
            *((LOOKS_LIKE_INJECTION,) if found else ()),
        )
        for text, found in zip(texts, caught, strict=True)
    ]
