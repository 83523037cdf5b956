"""Documents and chunks as rows of the Milvus collections, and back, without loss.

A row's key is a digest of what it belongs to and its number there, so the same document has the same keys everywhere,
and none has to be looked up. Whatever may be longer than a field takes is kept in pieces.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from openbook.index.milvus_calls import Row
from openbook.index.milvus_schema import NO_VECTOR, key_of
from openbook.index.milvus_words import searchable
from openbook.protocols import Matrix
from openbook.values import Chunk, Document, Json, Span

PIECE = 16_383
"""Code points of a piece: at four bytes each they still fit a VARCHAR."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One document as rows; ``document`` names the version that the others carry."""

    document: Row
    texts: Sequence[Row]
    chunks: Sequence[Row]


def document_key(document_id: str) -> int:
    return key_of("document", document_id)


def text_keys(document: int, version: int, pieces: Iterable[int]) -> list[int]:
    """document: its key; pieces: their numbers, from 0."""
    return [key_of("text", document, version, piece) for piece in pieces]


def chunk_keys(document: int, version: int, count: int) -> list[int]:
    return [key_of("chunk", document, version, number) for number in range(count)]


def rows_of(document: Document, chunks: Sequence[Chunk], vectors: Matrix) -> Rows:
    """Raises UnicodeEncodeError where a text cannot be written as UTF-8."""
    key = document_key(document.id)
    about = _dump([document.id, document.uri, document.title, document.sha256])
    meta = _dump(document.meta)
    places = [_dump([chunk.span.start, chunk.span.end, chunk.heading, chunk.place]) for chunk in chunks]
    vectors = np.ascontiguousarray(vectors, np.float32)
    version = key_of(key, *map(_digest, (about, meta, document.text, *places)), sha256(vectors.tobytes()).hexdigest())
    texts = _pieces(document.text)
    owner = {"document": key, "version": version}
    words = searchable(["\n".join((*chunk.heading, chunk.span.of(document.text))) for chunk in chunks])
    return Rows(
        {
            "key": key,
            "version": version,
            "texts": len(texts),
            "chunks": len(chunks),
            "about": _pieces(about),
            "meta": _pieces(meta),
            "unused": NO_VECTOR,
        },
        [
            {**owner, "key": text_key, "piece": piece, "unused": NO_VECTOR}
            for text_key, piece in zip(text_keys(key, version, range(len(texts))), texts, strict=True)
        ],
        [
            {**owner, "key": chunk_key, "place": _pieces(place), "words": found, "vector": vector}
            for chunk_key, place, found, vector in zip(
                chunk_keys(key, version, len(chunks)), places, words, vectors, strict=True
            )
        ],
    )


def document_of(row: Mapping[str, list[str]], text: str) -> Document:
    """The document of a row; its meta is empty where that field was not asked for."""
    document_id, uri, title, digest = json.loads("".join(row["about"]))
    meta: Mapping[str, Json] = json.loads("".join(row.get("meta", ["{}"])))
    return Document(document_id, uri, title, text, digest, meta)


def chunk_of(row: Mapping[str, list[str]], document_id: str) -> Chunk:
    start, end, heading, place = json.loads("".join(row["place"]))
    return Chunk(document_id, Span(start, end), tuple(heading), place)


def pieces_over(span: Span) -> range:
    """The numbers of the pieces that hold the span."""
    return range(span.start // PIECE, -(-span.end // PIECE))


def _pieces(text: str) -> list[str]:
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
