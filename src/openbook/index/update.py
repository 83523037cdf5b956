"""Bring an index up to date with its sources: only what is new or changed is read, chunked and embedded.

Files are compared by the SHA-256 of their bytes. A moved file keeps its vectors, and a changed one those of the chunks
that stayed the same. Each document is one transaction, so a killed run resumes where it stopped.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from openbook.documents import Limits, chunk
from openbook.errors import UnreadableSource
from openbook.index.location import is_url
from openbook.index.survey import Left, changed, gone, read, survey
from openbook.protocols import Embedder, Matrix, Store, Vector
from openbook.values import Chunk, Document

CHUNK_TOKENS = 200
"""Tokens of a chunk at most, headings not counted: leaves room for them in the encoder's window of 256."""

TEXTS_AT_ONCE = 64
"""Texts gathered before the encoder is called, so that small files fill every core. What is gathered is lost when a run
is stopped, so it is about a second's work on one core."""

TEXTS_A_CALL = 256
"""How many texts go to the encoder between two reports of progress, so that a large document is no long silence."""

TokenSpans = Callable[[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: files of all files to read, chunks embedded or written, and the file just finished, if any."""

    files: int
    files_total: int
    chunks: int
    uri: str


@dataclass(slots=True)
class Summary:
    """What a run did, by uri; ``skipped`` says why each file was left out."""

    added: list[str] = field(default_factory=list[str])
    changed: list[str] = field(default_factory=list[str])
    moved: list[str] = field(default_factory=list[str])
    removed: list[str] = field(default_factory=list[str])
    skipped: list[Left] = field(default_factory=list[Left])
    unchanged: int = 0
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document cut up, with what the encoder is to read and the vectors already known by text."""

    document: Document
    chunks: Sequence[Chunk]
    texts: Sequence[str]
    known: Mapping[str, Vector]


def update(
    store: Store,
    embedder: Embedder,
    sources: Sequence[str],
    *,
    token_spans: TokenSpans,
    limits: Limits = Limits(),
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Summary:
    """Make the index hold the readable documents of ``sources`` (resolved paths, URLs), besides those of others.

    A file that is gone is forgotten. So is one whose new bytes are no document, as what was indexed is true no more;
    one that cannot be opened keeps its last version. Both are listed as skipped.
    """
    started = time.monotonic()
    before = {document.uri: document for document in store.catalogue()}
    seen = survey(sources, limits)
    for source in sources:
        if not is_url(source) and not Path(source).exists():  # it went while it was looked at: nothing is forgotten
            raise UnreadableSource(f"there is no file or folder {source}: check the spelling")
    wanted = changed(seen, before)
    leaving = {before[uri].sha256 for uri in gone(seen, before, sources)}
    summary = Summary(unchanged=len(seen.found) - len(wanted), skipped=seen.skipped)
    came = Counter[str]()
    reported = 0

    def report(waiting: int = 0, uri: str = "") -> None:
        """waiting: chunks that are embedded and not written yet."""
        nonlocal reported
        done = len(summary.added) + len(summary.changed) + len(summary.moved)
        reported = max(reported, summary.chunks + waiting)
        on_progress(Progress(done, len(wanted), reported, uri))

    report()
    prepared = _prepare(store, before, read(seen, wanted, limits), token_spans)
    for batch in _batches(prepared):
        fresh = list(dict.fromkeys(text for item in batch for text in item.texts if text not in item.known))
        embedded = _embedded(embedder, fresh, report)
        summary.embedded += len(fresh)
        vectors = [_rows(item, embedded, embedder.dim) for item in batch]
        for item, rows in zip(batch, vectors, strict=True):
            uri = item.document.uri
            if uri in before and before[uri].sha256 == item.document.sha256:
                summary.unchanged += 1
                continue
            store.replace(item.document, item.chunks, rows)
            told = _tell(summary, item.document, before, leaving)
            told.append(uri)
            came[item.document.sha256] += told is summary.moved
            summary.chunks += len(item.chunks)
            report(uri=uri)
    for uri in gone(seen, before, sources):
        store.forget(before[uri].id)
        if came[before[uri].sha256] > 0:  # it moved, and is listed as that
            came[before[uri].sha256] -= 1
        else:
            summary.removed.append(uri)
    summary.seconds = time.monotonic() - started
    return summary


def embedded_text(piece: Chunk, text: str) -> str:
    """What the encoder reads for a chunk: the titles above it, then its characters."""
    return "\n".join((*piece.heading, text))


def _prepare(
    store: Store, before: Mapping[str, Document], documents: Iterable[Document], token_spans: TokenSpans
) -> Iterator[_Prepared]:
    by_digest = {document.sha256: document for document in before.values()}
    for document in documents:
        chunks = chunk(document, token_spans, CHUNK_TOKENS)
        texts = [embedded_text(piece, piece.span.of(document.text)) for piece in chunks]
        former = before.get(document.uri) or by_digest.get(document.sha256)
        yield _Prepared(document, chunks, texts, {} if former is None else _known_vectors(store, former.id))


def _known_vectors(store: Store, document_id: str) -> dict[str, Vector]:
    """The vectors that an indexed document already has, by the text they stand for."""
    text = store.document(document_id).text
    chunks, vectors = store.contents(document_id)
    return {embedded_text(piece, piece.span.of(text)): row for piece, row in zip(chunks, vectors, strict=True)}


def _batches(prepared: Iterable[_Prepared]) -> Iterator[list[_Prepared]]:
    batch: list[_Prepared] = []
    waiting = 0
    for item in prepared:
        batch.append(item)
        waiting += sum(text not in item.known for text in item.texts)
        if max(waiting, len(batch)) >= TEXTS_AT_ONCE:
            yield batch
            batch, waiting = [], 0
    if batch:
        yield batch


def _embedded(embedder: Embedder, fresh: Sequence[str], on_embedded: Callable[[int], None]) -> dict[str, Vector]:
    """Each text's vector; ``on_embedded`` is told how many are done."""
    embedded: dict[str, Vector] = {}
    for start in range(0, len(fresh), TEXTS_A_CALL):
        part = fresh[start : start + TEXTS_A_CALL]
        embedded.update(zip(part, embedder(part), strict=True))
        on_embedded(len(embedded))
    return embedded


def _rows(item: _Prepared, embedded: Mapping[str, Vector], dim: int) -> Matrix:
    """A document's vectors in the order of its chunks."""
    rows = [item.known[text] if text in item.known else embedded[text] for text in item.texts]
    return np.array(rows, np.float32).reshape(-1, dim)


def _tell(summary: Summary, document: Document, before: Mapping[str, Document], leaving: Collection[str]) -> list[str]:
    """The list of the summary it belongs to; moved: its bytes (by digest) were indexed where no file is now."""
    if document.uri in before:
        return summary.changed
    return summary.moved if document.sha256 in leaving else summary.added
