"""Rows of the SQLite store to values. SQLite keeps any type in any column, so damage may bring what was never written.

Each raises ValueError or TypeError for a row that no ``SqliteStore`` wrote.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from openbook.protocols import Matrix
from openbook.values import Chunk, Document, Json, Label, Passage, Span

JOINT = "\x1f"
"""The unit separator keeps a heading's titles apart, and FTS5 takes it for a blank."""


def number(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a number is {value!r}")
    return value


def words(*values: Any) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise TypeError("a text is none")
    return values


def settings_of(rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """By name. Raises KeyError, too, where the uuid is lost."""
    settings: dict[str, str] = {}
    for row in rows:
        name, value = words(*row)
        settings[name] = value
    settings["uuid"].encode("ascii")
    if "dim" in settings and int(settings["dim"]) <= 0:
        raise ValueError(f"vectors of {settings['dim']} dimensions")
    return settings


def span_of(start: Any, end: Any) -> Span:
    return Span(number(start), number(end))


def chunk_of(document_id: Any, start: Any, end: Any, heading: Any, place: Any) -> Chunk:
    document_id, heading, place = words(document_id, heading, place)
    return Chunk(document_id, span_of(start, end), tuple(heading.split(JOINT)) if heading else (), place)


def passage_of(
    document_id: Any, start: Any, end: Any, heading: Any, place: Any, uri: Any, title: Any, text: Any
) -> Passage:
    uri, title, text = words(uri, title, text)
    return Passage(chunk_of(document_id, start, end, heading, place), text, uri, title, Label(frozenset({uri})), {})


def document_of(document_id: Any, uri: Any, title: Any, text: Any, sha256: Any, meta: Any) -> Document:
    document_id, uri, title, text, sha256, meta = words(document_id, uri, title, text, sha256, meta)
    facts: Any = json.loads(meta)
    if not isinstance(facts, dict):
        raise TypeError("what the loader knew is no object")
    return Document(document_id, uri, title, text, sha256, cast("dict[str, Json]", facts))


def vectors_of(blobs: Sequence[Any], dim: int) -> Matrix:
    """(rows, dim) float32, from rows of little-endian halves."""
    if not all(isinstance(blob, bytes) and len(blob) == 2 * dim for blob in blobs):
        raise ValueError(f"a vector is not of {dim} halves")
    vectors = np.frombuffer(b"".join(blobs), "<f2").astype(np.float32).reshape(-1, dim)
    if not np.isfinite(vectors).all():
        raise ValueError("a vector is not finite")
    return vectors


def meta_json(meta: Mapping[str, Json]) -> str:
    return json.dumps(meta, ensure_ascii=False, separators=(",", ":"))
