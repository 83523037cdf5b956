"""Passages cut down to the sentences that may support an answer: extractive compression (Xu et al. 2024, "RECOMP").

Sentences are kept whole and in their order, so that what remains can still be quoted.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from openbook.documents import sentences
from openbook.values import Span

Similar: TypeAlias = Callable[[str, Sequence[str]], Sequence[float]]
"""(question, sentences) -> how well each fits the question, larger is better."""

Spans = list[Span]


def compressed(question: str, passages: Sequence[str], similar: Similar, keep: int) -> list[str]:
    """Each passage as its sentences among the ``keep`` best of all passages; the empty string where none is.

    Raises ValueError for keep < 1.
    """
    return [
        " ".join(span.of(text) for span in spans)
        for text, spans in zip(passages, supporting(question, passages, similar, keep), strict=True)
    ]


def supporting(question: str, passages: Sequence[str], similar: Similar, keep: int) -> list[Spans]:
    """The sentences kept of each passage, in its order. Of equals, the earlier one is kept."""
    if keep < 1:
        raise ValueError(f"at least one sentence must be kept, not {keep}")
    found = [(n, span) for n, text in enumerate(passages) for span in sentences(text, Span(0, len(text)))]
    scores: Sequence[float] = similar(question, [span.of(passages[n]) for n, span in found]) if found else []
    best = sorted(range(len(found)), key=lambda at: -scores[at])[:keep]
    kept: list[Spans] = [[] for _ in passages]
    for at in sorted(best):
        number, span = found[at]
        kept[number].append(span)
    return kept
