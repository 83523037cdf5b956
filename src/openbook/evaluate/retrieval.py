"""Recall, reciprocal rank and nDCG at a cutoff, defined as trec_eval defines them.

A ranking is document ids, best first; judgements give each judged document its grade: 1 or more is relevant, 0 or less
and whatever is not judged is not. A query without a relevant document scores 0 on every measure, as in trec_eval, which
sorts a run again by score (ties by id, descending); here the order given is the order measured.
"""

from collections.abc import Callable, Mapping, Sequence
from math import log2
from typing import TypeAlias

from openbook.evaluate.scores import BadScores

Ranking: TypeAlias = Sequence[str]
Judgements: TypeAlias = Mapping[str, int]
Measure: TypeAlias = Callable[[Ranking, Judgements], float]


def recall(ranking: Ranking, judgements: Judgements, k: int) -> float:
    """The share of all relevant documents that stand among the first k (trec_eval ``recall.k``)."""
    relevant = sum(grade > 0 for grade in judgements.values())
    found = sum(judgements.get(document, 0) > 0 for document in _first(ranking, k))
    return found / relevant if relevant else 0.0


def reciprocal_rank(ranking: Ranking, judgements: Judgements, k: int | None = None) -> float:
    """1 / rank of the first relevant document, 0 if none stands among the first k (trec_eval ``recip_rank``)."""
    for rank, document in enumerate(_first(ranking, k), start=1):
        if judgements.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def ndcg(ranking: Ranking, judgements: Judgements, k: int | None = None) -> float:
    """Discounted cumulative gain over that of the best possible order (Järvelin and Kekäläinen 2002).

    The gain of a document is its grade, linear as in trec_eval's ``ndcg_cut``; the discount of rank r is log2(r + 1).
    """
    gains = [max(judgements.get(document, 0), 0) for document in _first(ranking, k)]
    ideal = sorted((grade for grade in judgements.values() if grade > 0), reverse=True)[:k]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def by_query(
    measure: Measure, rankings: Mapping[str, Ranking], judgements: Mapping[str, Judgements]
) -> dict[str, float]:
    """The measure of every judged query, in the order of ``judgements``; their mean is MRR, mean nDCG and so on.

    A judged query without a ranking found nothing, so it scores 0; a ranking without judgements is an error, since
    leaving it out silently would hide a mismatch of ids. Set k with ``functools.partial(recall, k=10)``.
    """
    if not judgements:
        raise BadScores("no query is judged: pass the judgements of at least one query")
    unjudged = rankings.keys() - judgements.keys()
    if unjudged:
        raise BadScores(f"query {min(unjudged)!r} has a ranking but no judgements: pass both, under the same id")
    return {query: measure(rankings.get(query, ()), judged) for query, judged in judgements.items()}


def _first(ranking: Ranking, k: int | None) -> Ranking:
    if k is not None and k < 1:
        raise BadScores(f"the cutoff k must be at least 1, not {k}")
    if isinstance(ranking, str):
        raise BadScores("a ranking is a list of document ids, not one string")
    if len(set(ranking)) != len(ranking):
        raise BadScores("a ranking names the same document twice: keep its best place only")
    return ranking[:k]


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
