"""Move an index to another store, and prove that both hold the same and answer alike."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from openbook.errors import IndexBusy, IndexProblem
from openbook.protocols import Embedder, Matrix, Store, Vector
from openbook.values import Chunk, Document, Hit, Span

TOP = 10
"""Results compared of each query."""

TOLERANCE = 1e-3
"""Scores closer than this count as equal, and passages so close may swap places: stores round vectors differently."""

_ROUNDING = 2.0**-10
"""Relative; half precision, in which SQLite keeps vectors, rounds to 2⁻¹¹."""

Place: TypeAlias = tuple[str, Span]
_Held: TypeAlias = tuple[Document, Sequence[Chunk], Matrix]


@dataclass(frozen=True, slots=True)
class CopyReport:
    """documents of both stores, and how many are equal: text, meta, chunks, and vectors but for rounding. chunks of the
    source. queries asked of both; how many gave equal dense results, and the same chunks by BM25; and the
    mean share of the first ten chunks by BM25 that both gave, as stores count the rarity of words differently."""

    documents: int
    equal_documents: int
    chunks: int
    queries: int
    equal_dense: int
    equal_lexical: int
    lexical_overlap: float


ORIGIN = "copy_of"
"""The setting that names the index a store is a copy of."""


def identity(store: Store) -> str:
    """What stays the same while an index grows: its uuid, or where it is served."""
    return store.settings.get("uuid", store.uri)


def would_be_lost(source: Store, target: Store) -> int:
    """How many documents of ``target`` a copy would overwrite or remove; none where it is an earlier copy of source."""
    if target.settings.get(ORIGIN) == identity(source):
        return 0
    ours = {document.id: document.sha256 for document in source.catalogue()}
    return sum(ours.get(document.id) != document.sha256 for document in target.catalogue())


def refuse_other_vectors(source: Store, target: Store) -> None:
    """Raises IndexProblem where the target was made for other vectors."""
    for name in ("embedder", "dim", "chunking"):
        if source.settings.get(name) != target.settings.get(name):
            raise IndexProblem(f"{target.uri} was made with another {name} than {source.uri}: copy to a new place")


def copy(
    source: Store, target: Store, on_document: Callable[[int, int], None] = lambda _done, _total: None
) -> tuple[int, int]:
    """Make ``target`` hold what ``source`` holds, and nothing else. Returns (documents, chunks) written.

    A document that is there already is left alone, so a copy that was interrupted goes on where it stopped. Raises
    IndexProblem where the target was made for other vectors, IndexBusy where the source changes meanwhile.
    """
    refuse_other_vectors(source, target)
    target.note_origin(identity(source))
    generation = source.generation
    wanted = source.catalogue()
    ids = {document.id for document in wanted}
    present = {document.id: document for document in target.catalogue()}
    for extra in present.keys() - ids:
        target.forget(extra)
    documents = chunks = 0
    for number, entry in enumerate(wanted, start=1):
        if present.get(entry.id) != entry:
            pieces, vectors = source.contents(entry.id)
            document = source.document(entry.id)
            if source.generation != generation:  # the chunks may be of another text than the one just read
                raise IndexBusy(f"{source.uri} changed while it was copied: copy again, what is copied is kept")
            target.replace(document, pieces, vectors)
            documents += 1
            chunks += len(pieces)
        on_document(number, len(wanted))
    return documents, chunks


def prove(
    source: Store, target: Store, embedder: Embedder | None = None, *, sample: int = 50, seed: int = 0
) -> CopyReport:
    """Compare all that both hold, then what they answer to ``sample`` runs of words taken from the indexed texts.

    Dense search is asked with the words' vectors, or without an embedder with those of the chunks they come from.
    """
    rng = random.Random(seed)  # noqa: S311 - a sample that can be drawn again, not a secret
    ours, theirs = ({document.id for document in store.catalogue()} for store in (source, target))
    chunks = equal_documents = 0
    drawn: list[tuple[str, Vector]] = []
    for document_id in sorted(ours):
        document, pieces, vectors = held = _held(source, document_id)
        equal_documents += document_id in theirs and _equal(held, _held(target, document_id))
        for piece, vector in zip(pieces, vectors, strict=True):
            chunks += 1
            place = len(drawn) if len(drawn) < sample else rng.randrange(chunks)  # reservoir: each chunk equally likely
            if place < sample:
                drawn[place : place + 1] = [(piece.span.of(document.text), vector)]
    queries = [_run_of_words(text, rng) for text, _ in drawn]
    asked = [vector for _, vector in drawn] if embedder is None or not queries else list(embedder(queries))
    dense = [(_found(source, source.nearest(v, TOP)), _found(target, target.nearest(v, TOP))) for v in asked]
    lexical = [(_found(source, source.lexical(q, TOP)), _found(target, target.lexical(q, TOP))) for q in queries]
    return CopyReport(
        len(ours | theirs),
        equal_documents,
        chunks,
        len(queries),
        sum(_same_chunks(*pair) and _same_scores(*pair) for pair in dense),
        sum(_same_chunks(*pair) for pair in lexical),
        float(np.mean([_overlap(*pair) for pair in lexical])) if lexical else 1.0,
    )


def _held(store: Store, document_id: str) -> _Held:
    return store.document(document_id), *store.contents(document_id)


def _equal(ours: _Held, theirs: _Held) -> bool:
    return (
        ours[0] == theirs[0]
        and list(ours[1]) == list(theirs[1])
        and np.allclose(ours[2], theirs[2], rtol=_ROUNDING, atol=_ROUNDING**2)
    )


def _run_of_words(text: str, rng: random.Random) -> str:
    words = text.split()
    start = rng.randrange(max(len(words) - 4, 1))
    return " ".join(words[start : start + rng.randint(3, 12)])


def _found(store: Store, hits: Sequence[Hit]) -> dict[Place, float]:
    """The scores by place, best first. Raises IndexBusy where the store changed since the search."""
    passages = store.passages([hit.chunk_id for hit in hits])
    if len(passages) != len(hits):
        raise IndexBusy(f"{store.uri} changed while it was compared: try again when it has been written")
    return {_place(passage.chunk): hit.score for passage, hit in zip(passages, hits, strict=True)}


def _place(chunk: Chunk) -> Place:
    return chunk.document_id, chunk.span


def _same_chunks(ours: Mapping[Place, float], theirs: Mapping[Place, float]) -> bool:
    """Both hold the same, but for what scores as the last does: which of those come in is chance."""
    return len(ours) == len(theirs) and all(
        place in other or score <= min(found.values()) + TOLERANCE
        for found, other in ((ours, theirs), (theirs, ours))
        for place, score in found.items()
    )


def _same_scores(ours: Mapping[Place, float], theirs: Mapping[Place, float]) -> bool:
    return all(abs(score - theirs[place]) <= TOLERANCE for place, score in ours.items() if place in theirs)


def _overlap(ours: Mapping[Place, float], theirs: Mapping[Place, float]) -> float:
    return len(ours.keys() & theirs.keys()) / max(len(ours), len(theirs)) if ours or theirs else 1.0
