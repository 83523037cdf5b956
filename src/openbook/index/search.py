"""A question into passages: BM25 and exact dense candidates, fused, each keeping the score of every stage."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from openbook.errors import IndexProblem
from openbook.index.fuse import convex_combination
from openbook.protocols import Embedder, Store, Vector
from openbook.values import Hit, Passage

MAX_QUESTION = 10_000
"""Characters of a question that are looked at; the encoder's window is far shorter."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """k: passages returned. candidates: taken from each stage. weight: share of the dense score in the fused one,
    chosen by ``benchmarks/retrieval.py``; 1 is dense search alone, 0 is BM25 alone. within: only documents that
    are these uris or lie below them; empty for all."""

    k: int = 8
    candidates: int = 100
    weight: float = 0.5
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages found, and what each stage gave, for traces and for measuring."""

    vector: Vector
    lexical: Sequence[Hit]
    dense: Sequence[Hit]
    fused: Sequence[Hit]
    passages: Sequence[Passage]


def search(store: Store, embedder: Embedder, question: str, settings: SearchSettings = SearchSettings()) -> Retrieval:
    """The ``settings.k`` nearest passages, best first, with the signals ``bm25``, ``dense`` and ``fused``."""
    require_same_embedder(store, embedder)
    question = question[:MAX_QUESTION]
    vector = embedder([question])[0]
    nothing: Sequence[Hit] = ()
    lexical = store.lexical(question, settings.candidates, settings.within) if settings.weight < 1.0 else nothing
    dense = store.nearest(vector, settings.candidates, settings.within) if settings.weight > 0.0 else nothing
    fused = convex_combination(lexical, dense, settings.weight)[: settings.k]
    stages = {"bm25": lexical, "dense": dense, "fused": fused}
    scores = {name: {hit.chunk_id: hit.score for hit in hits} for name, hits in stages.items()}
    passages = [
        replace(passage, signals={name: found[hit.chunk_id] for name, found in scores.items() if hit.chunk_id in found})
        for hit in fused
        for passage in store.passages([hit.chunk_id])
    ]
    return Retrieval(vector, lexical, dense, fused, passages)


def require_same_embedder(store: Store, embedder: Embedder) -> None:
    """Raises IndexProblem where the index holds another model's vectors: their inner products would mean nothing."""
    if store.settings.get("embedder") != embedder.digest:
        raise IndexProblem(
            f"{store.uri} was made with another encoder: build it again with "
            f"`openbook index DIR --store {shlex.quote(store.uri)} --rebuild`"
        )
