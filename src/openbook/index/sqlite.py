"""The default store: one SQLite file, and a matrix beside it that can always be rebuilt from its rows."""

import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from openbook.errors import IndexProblem
from openbook.index import schema
from openbook.index.faults import as_written, damaged, explained, making
from openbook.index.matrix import VectorMatrix, load_matrix, matrix_path, save_matrix
from openbook.index.sqlite_rows import (
    JOINT,
    chunk_of,
    document_of,
    meta_json,
    number,
    passage_of,
    settings_of,
    span_of,
    vectors_of,
    words,
)
from openbook.index.words import match_expression
from openbook.protocols import Matrix, Vector
from openbook.values import Chunk, Document, Hit, Passage

_CHUNKS_OF = "SELECT chunks.id FROM chunks JOIN documents ON documents.number = chunks.document WHERE"
_HELD = "SELECT number, text FROM documents WHERE "


class SqliteStore:
    """``openbook.protocols.Store`` over one file. Readers see the last committed generation while a writer works."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._matrix: tuple[int, VectorMatrix] | None = None
        with explained(path):
            rows = connection.execute("SELECT name, value FROM settings").fetchall()
        with as_written(path):
            self._settings: dict[str, str] = settings_of(rows)

    @property
    def uri(self) -> str:
        return f"sqlite:{self._path}"

    @property
    def settings(self) -> Mapping[str, str]:
        return self._settings

    @property
    def generation(self) -> int:
        with explained(self._path), as_written(self._path):
            return number(*self._connection.execute("SELECT generation FROM state").fetchone())

    def note_origin(self, identity: str) -> None:
        with explained(self._path):
            self._connection.execute("INSERT OR REPLACE INTO settings VALUES ('copy_of', ?)", (identity,))
        self._settings["copy_of"] = identity

    def replace(self, document: Document, chunks: Sequence[Chunk], vectors: Matrix) -> None:
        if vectors.shape != (len(chunks), self._dim):
            raise ValueError(
                f"{len(chunks)} chunks need vectors of shape {(len(chunks), self._dim)}, not {vectors.shape}"
            )
        with self._change() as run:
            self._remove(run, "id = ? OR uri = ?", (document.id, document.uri))
            key_of_document = run.execute(
                "INSERT INTO documents (id, uri, title, sha256, meta, text) VALUES (?, ?, ?, ?, ?, ?)",
                (document.id, document.uri, document.title, document.sha256, meta_json(document.meta), document.text),
            ).lastrowid
            for chunk, vector in zip(chunks, vectors.astype("<f2"), strict=True):
                heading = JOINT.join(title.replace(JOINT, " ") for title in chunk.heading)
                key = run.execute(
                    'INSERT INTO chunks (document, start, "end", heading, place) VALUES (?, ?, ?, ?, ?)',
                    (key_of_document, chunk.span.start, chunk.span.end, heading, chunk.place),
                ).lastrowid
                run.execute("INSERT INTO vectors VALUES (?, ?)", (key, vector.tobytes()))
                body = chunk.span.of(document.text)
                run.execute("INSERT INTO words (rowid, heading, body) VALUES (?, ?, ?)", (key, heading, body))

    def forget(self, document_id: str) -> None:
        with self._change() as run:
            self._remove(run, "id = ?", (document_id,))

    def lexical(self, query: str, k: int, within: Sequence[str] = ()) -> Sequence[Hit]:
        expression = match_expression(query)
        if expression is None or k <= 0:
            return []
        with explained(self._path):
            condition, values = self._among(within)
            among = f"AND rowid IN ({_CHUNKS_OF} {condition})" if condition else ""
            # FTS5 ranks best lowest
            sql = f"SELECT rowid, -rank FROM words WHERE words MATCH ? {among} ORDER BY rank, rowid LIMIT ?"  # noqa: S608 - its own text
            rows = self._connection.execute(sql, (expression, *values, k)).fetchall()
        with as_written(self._path):
            return [Hit(number(key), float(score)) for key, score in rows]

    def nearest(self, vector: Vector, k: int, within: Sequence[str] = ()) -> Sequence[Hit]:
        if k <= 0:
            return []
        matrix = self._current_matrix()
        with explained(self._path):
            condition, values = self._among(within)
            if condition:
                rows = self._connection.execute(f"{_CHUNKS_OF} {condition}", values).fetchall()
                with as_written(self._path):
                    matrix = matrix.only(np.array([number(row[0]) for row in rows], np.int64))
        return matrix.nearest(vector, k)

    def passages(self, chunk_ids: Sequence[int]) -> Sequence[Passage]:
        sql = """SELECT documents.id, start, "end", heading, place, uri, title, substr(text, start + 1, "end" - start)
                 FROM chunks JOIN documents ON documents.number = chunks.document WHERE chunks.id = ?"""
        with explained(self._path):
            rows = [self._connection.execute(sql, (key,)).fetchone() for key in chunk_ids]
        with as_written(self._path):
            return [passage_of(*row) for row in filter(None, rows)]

    def catalogue(self) -> Sequence[Document]:
        with explained(self._path):
            sql = "SELECT id, uri, title, '', sha256, meta FROM documents ORDER BY uri"
            rows = self._connection.execute(sql).fetchall()
        with as_written(self._path):
            return [document_of(*row) for row in rows]

    def document(self, document_id: str) -> Document:
        with explained(self._path):
            sql = "SELECT id, uri, title, text, sha256, meta FROM documents WHERE id = ?"
            row = self._connection.execute(sql, (document_id,)).fetchone()
        if row is None:
            raise IndexProblem(f"{self._path} holds no document {document_id}: it was removed; search again")
        with as_written(self._path):
            return document_of(*row)

    def contents(self, document_id: str) -> tuple[Sequence[Chunk], Matrix]:
        sql = """SELECT start, "end", heading, place, vector FROM documents
                 JOIN chunks ON chunks.document = documents.number JOIN vectors ON vectors.chunk = chunks.id
                 WHERE documents.id = ? ORDER BY start"""
        with explained(self._path):
            rows = self._connection.execute(sql, (document_id,)).fetchall()
        with as_written(self._path):
            return [chunk_of(document_id, *row[:4]) for row in rows], vectors_of([row[4] for row in rows], self._dim)

    def counts(self) -> dict[str, int]:
        """How many documents, chunks and characters the index holds."""
        with explained(self._path):
            run = self._connection.execute
            documents, characters = run("SELECT count(*), coalesce(sum(length(text)), 0) FROM documents").fetchone()
            return {
                "documents": documents,
                "chunks": run("SELECT count(*) FROM chunks").fetchone()[0],
                "characters": characters,
            }

    def prepare(self) -> None:
        """Write the matrix of this generation now, so that the next search need not."""
        self._current_matrix()

    def integrity(self) -> None:
        """Raises IndexProblem unless the file, its references, its words and its vectors all agree."""
        with explained(self._path):
            run = self._connection.execute
            run("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
            broken = [row[0] for row in run("PRAGMA integrity_check") if row[0] != "ok"]
            broken += [f"a lost reference in {row[0]}" for row in run("PRAGMA foreign_key_check")]
            lacking = run(
                "SELECT count(*) FROM chunks LEFT JOIN vectors ON chunk = id WHERE vector IS NULL"
            ).fetchone()[0]
        if broken or lacking:
            found = broken[0] if broken else f"{lacking} chunks without a vector"
            raise damaged(self._path, found)

    def close(self) -> None:
        self._matrix = None
        self._connection.close()

    @property
    def _dim(self) -> int:
        with as_written(self._path):
            return int(self._settings["dim"])

    def _among(self, within: Sequence[str]) -> tuple[str, list[str]]:
        """A condition on documents and its values; empty where the index holds only what lies within, the usual case.

        Both use the index over uris: of "/notes/" and all that begins so, "0" is the character after "/".
        """
        values = [value for s in within for value in (s, s.rstrip("/") + "/", s.rstrip("/") + "0")]
        condition = " OR ".join(["(uri = ? OR (uri >= ? AND uri < ?))"] * len(within))
        if not within:
            return "", []
        sql = f"SELECT 1 FROM documents WHERE NOT ({condition}) LIMIT 1"  # noqa: S608 - its own text
        others = self._connection.execute(sql, values).fetchone()
        return (condition, values) if others else ("", [])

    @contextmanager
    def _change(self) -> Generator[sqlite3.Connection]:
        with explained(self._path):
            run = self._connection
            run.execute("BEGIN IMMEDIATE")
            try:
                yield run
                run.execute("UPDATE state SET generation = generation + 1")
                run.execute("COMMIT")
            finally:
                if run.in_transaction:
                    run.execute("ROLLBACK")

    def _remove(self, run: sqlite3.Connection, condition: str, values: Sequence[str]) -> None:
        for held, text in run.execute(_HELD + condition, values).fetchall():
            rows = run.execute('SELECT id, start, "end", heading FROM chunks WHERE document = ?', (held,)).fetchall()
            with as_written(self._path):
                (whole,) = words(text)
                gone = [(key, *words(heading), span_of(start, end).of(whole)) for key, start, end, heading in rows]
            # an external-content table must be told the very words it is to forget
            run.executemany("INSERT INTO words (words, rowid, heading, body) VALUES ('delete', ?, ?, ?)", gone)
            run.execute("DELETE FROM documents WHERE number = ?", (held,))  # chunks and vectors cascade

    def _current_matrix(self) -> VectorMatrix:
        with explained(self._path):
            self._connection.execute("BEGIN")  # one snapshot: the generation and the rows that belong to it
            try:
                generation = self.generation
                if self._matrix is not None and self._matrix[0] == generation:
                    return self._matrix[1]
                path = matrix_path(self._path, generation)
                matrix = load_matrix(path, self._settings["uuid"], generation)
                if matrix is None or matrix.vectors.shape[1] != self._dim:
                    rows = self._connection.execute("SELECT chunk, vector FROM vectors ORDER BY chunk").fetchall()
                    with as_written(self._path):
                        ids = np.array([number(row[0]) for row in rows], np.int64)
                        matrix = VectorMatrix(ids, vectors_of([row[1] for row in rows], self._dim))
                    self._keep(path, generation, matrix)
            finally:
                if self._connection.in_transaction:  # some errors end it
                    self._connection.execute("ROLLBACK")
        self._matrix = (generation, matrix)
        return matrix

    def _keep(self, path: Path, generation: int, matrix: VectorMatrix) -> None:
        try:
            save_matrix(path, self._path, self._settings["uuid"], generation, matrix)
        except OSError:
            return  # no room or no permission: the matrix in memory serves, only the next start is slower


def open_sqlite(path: Path, *, create: Mapping[str, str] | None = None, write: bool = False) -> SqliteStore:
    """Open the index at ``path``; with ``create`` make it first where there is none, with these settings."""
    if create is None and not path.is_file():
        raise IndexProblem(f"there is no index at {path}: make one with `{making(path)}`")
    with explained(path):
        if create is not None or write:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = schema.connect(path, write=True)
        else:
            connection = schema.connect(path, write=False)
        try:
            if create is not None or write:
                schema.migrate(connection, path)
                connection.executemany("INSERT OR IGNORE INTO settings VALUES (?, ?)", (create or {}).items())
            schema.check(connection, path, current=True)
            store = SqliteStore(path, connection)
            _require_agreement(path, store, create or {})
        except BaseException:
            connection.close()
            raise
    return store


def _require_agreement(path: Path, store: SqliteStore, create: Mapping[str, str]) -> None:
    """The same encoder gives vectors of the same length, unless one of the two settings was damaged."""
    held = store.settings
    if held.get("embedder") == create.get("embedder") and held.get("dim") != create.get("dim"):
        raise damaged(path)
