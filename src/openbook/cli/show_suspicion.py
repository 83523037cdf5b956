"""Passages that speak to a model, said after an answer: where, what, and what did not get them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from openbook.cli.screen import one_line, where
from openbook.values import Answer, Suspicion

SHOWN = 5

_WITHHELD = {"": "", "writer": " (the model was not given it)", "answer": " (it is not quoted)"}


def suspicion_lines(answer: Answer, roots: Sequence[Path]) -> Iterator[str]:
    """One for each passage, the surest finding of it; the first ``SHOWN``."""
    by_passage: dict[int, list[Suspicion]] = {}
    for found in answer.suspicious:
        by_passage.setdefault(found.passage, []).append(found)
    for place, of_passage in list(by_passage.items())[:SHOWN]:
        passage = answer.passages[place]
        surest = max(of_passage, key=lambda found: found.score or 0.0)
        name = where(passage.uri, passage.chunk.place, roots)
        yield f"! suspicious: {name} {one_line(surest.message)}{_WITHHELD[surest.withheld]}"
    if len(by_passage) > SHOWN:
        yield f"! and {len(by_passage) - SHOWN:,} more suspicious passages: --json tells all"
