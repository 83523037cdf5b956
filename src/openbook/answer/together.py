"""Question and passages read together: each passage with its relevance, its no-answer, and the answers marked in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from openbook.protocols import PairScorer
from openbook.values import Passage


def read_together(scorer: PairScorer, question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages in the order given, with the signals ``relevance`` and ``no_answer`` (logits) and their answers."""
    scores = scorer(question, [p.text for p in passages], [p.chunk.heading for p in passages])
    return [
        replace(
            passage,
            signals={**passage.signals, "relevance": score.relevance, "no_answer": score.no_answer},
            answers=score.spans,
        )
        for passage, score in zip(passages, scores, strict=True)
    ]


def reranked(passages: Sequence[Passage], weights: Mapping[str, float], k: int) -> list[Passage]:
    """The ``k`` best by the weighted sum of their signals, kept as ``rank``; as before where sums are equal.

    weights: of ``fused`` and ``relevance``, fitted by ``benchmarks/calibration.py``.
    """
    scored = [
        replace(p, signals={**p.signals, "rank": sum(w * p.signals.get(name, 0.0) for name, w in weights.items())})
        for p in passages
    ]
    return sorted(scored, key=lambda p: -p.signals["rank"])[:k]
