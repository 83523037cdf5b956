"""A judged corpus as a real index: each row a document, cut by the chunker and stored as ``openbook index`` would."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from openbook.documents import chunk
from openbook.encode import SentenceEncoder
from openbook.index.sqlite import SqliteStore, open_sqlite
from openbook.index.update import CHUNK_TOKENS, embedded_text
from openbook.protocols import Embedder
from openbook.values import Chunk, Document, Hit

PREFIX = "/corpus/"


@dataclass(frozen=True, slots=True)
class Corpus:
    """store: the index. owners: chunk id to the id of the row it was cut from, filled as they are met."""

    store: SqliteStore
    owners: dict[int, str] = field(default_factory=dict[int, str])

    def ranking(self, hits: Sequence[Hit], k: int) -> list[str]:
        """Rows by their best chunk, at most k."""
        unknown = [hit.chunk_id for hit in hits if hit.chunk_id not in self.owners]
        for key, passage in zip(unknown, self.store.passages(unknown), strict=True):
            self.owners[key] = passage.uri.removeprefix(PREFIX)
        return list(dict.fromkeys(self.owners[hit.chunk_id] for hit in hits))[:k]


def row_document(row: Mapping[str, Any]) -> Document:
    uri = f"{PREFIX}{row['id']}"
    key = hashlib.sha256(uri.encode()).hexdigest()
    return Document(key[:16], uri, str(row["title"]).replace("_", " "), str(row["text"]), key, {"kind": "text"})


def cut(document: Document, encoder: SentenceEncoder, budget: int = CHUNK_TOKENS) -> list[Chunk]:
    """The document's chunks under its title, which a file would carry as its first heading."""
    return [replace(c, heading=(document.title, *c.heading)) for c in chunk(document, encoder.token_spans, budget)]


def build(
    path: Path, rows: Sequence[Mapping[str, Any]], encoder: SentenceEncoder, embedder: Embedder | None = None
) -> Corpus:
    """Index the rows; ``embedder`` stands in for the encoder where another model's vectors are wanted."""
    embed = embedder or encoder
    store = open_sqlite(path, create={"embedder": embed.digest, "dim": str(embed.dim), "chunking": "benchmark"})
    documents = [row_document(row) for row in rows]
    chunks = [cut(document, encoder) for document in documents]
    texts = [embedded_text(c, c.span.of(d.text)) for d, cs in zip(documents, chunks, strict=True) for c in cs]
    vectors = embed(texts)
    start = 0
    for document, pieces in zip(documents, chunks, strict=True):
        store.replace(document, pieces, np.asarray(vectors[start : start + len(pieces)]))
        start += len(pieces)
    return Corpus(store)
