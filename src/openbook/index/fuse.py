"""Two ranked lists into one: reciprocal ranks, and the convex combination of scores.

Which one is used, and with what weight, is decided by ``benchmarks/retrieval.py`` on development questions.
"""

from collections.abc import Sequence

from openbook.values import Hit


def reciprocal_rank_fusion(lists: Sequence[Sequence[Hit]], k: int = 60) -> list[Hit]:
    """sum over lists of 1 / (k + rank), ranks from 1 (Cormack, Clarke & Büttcher 2009)."""
    scores: dict[int, float] = {}
    for hits in lists:
        for rank, hit in enumerate(hits, start=1):
            scores[hit.chunk_id] = scores.get(hit.chunk_id, 0.0) + 1.0 / (k + rank)
    return _ranked(scores)


def convex_combination(lexical: Sequence[Hit], dense: Sequence[Hit], weight: float) -> list[Hit]:
    """weight * dense + (1 - weight) * lexical, each min-max normalised (Bruch, Gai & Ingber 2023, eq. 4).

    weight in [0, 1]. The lexical floor is 0, as a chunk with none of the words would score; the dense floor is the
    worst dense candidate, an upper bound for whatever was not retrieved. A chunk absent from a list gets its floor.
    """
    if not 0.0 <= weight <= 1.0:
        raise ValueError(f"weight must lie in [0, 1], not {weight}")
    scores: dict[int, float] = {}
    for hits, share, floor in (
        (lexical, 1.0 - weight, 0.0),
        (dense, weight, min((h.score for h in dense), default=0.0)),
    ):
        span = max((hit.score for hit in hits), default=floor) - floor
        for hit in hits:
            normal = (hit.score - floor) / span if span > 0 else 1.0
            scores[hit.chunk_id] = scores.get(hit.chunk_id, 0.0) + share * normal
    return _ranked(scores)


def _ranked(scores: dict[int, float]) -> list[Hit]:
    return [Hit(key, score) for key, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))]
