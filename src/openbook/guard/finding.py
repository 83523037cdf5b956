"""What a look at a text found: which rule, where, and in words why."""

from dataclasses import dataclass

from openbook.json_lines import shortened
from openbook.values import Span

LONGEST_WORDS = 80
"""Characters of what was found that a message repeats."""

LEAST_WORDS = 4
"""Words that hidden, encoded or carried text must have to be told without a detector."""


@dataclass(frozen=True, slots=True)
class Finding:
    """span: in the text that was looked at, as it was given. score: the detector's logit, where that decided."""

    rule: str
    span: Span
    message: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Unseen:
    """Words that a person does not read where a model does: decoded, or hidden by markup. span: where they stand.

    score alone decides on them where a detector reads; without one they are a finding.
    """

    rule: str
    span: Span
    what: str
    text: str


def in_words(text: str) -> str:
    """What was found, fit for one line of any terminal."""
    return f"“{shortened(text, LONGEST_WORDS)}”"
