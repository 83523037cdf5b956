"""The store for more than one machine: documents, chunks and vectors in Milvus.

Milvus makes one request whole, never several together. So the rows of a document carry its version, a digest of all
it holds: ``replace`` first writes the new texts and chunks, then the one row of ``documents`` that names their version,
and only then deletes the old. Readers take no chunk of a version that is not named, and what a stopped run left behind
the next one deletes. One writer at a time, as ``openbook.index.lock`` sees to, and any number of readers.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from openbook.errors import IndexProblem
from openbook.index.location import below
from openbook.index.milvus_calls import MilvusCalls, Row
from openbook.index.milvus_change import change, read_state, tidy
from openbook.index.milvus_connect import connect, parse_address
from openbook.index.milvus_rows import (
    PIECE,
    chunk_keys,
    chunk_of,
    document_key,
    document_of,
    pieces_over,
    rows_of,
    text_keys,
)
from openbook.index.milvus_schema import Names, open_collections, put_settings
from openbook.index.milvus_search import ROUNDS, best_live, is_live, owners_of
from openbook.index.milvus_words import searchable
from openbook.index.words import words
from openbook.protocols import Matrix, Vector
from openbook.values import Chunk, Document, Hit, Label, Passage


class MilvusStore:
    """``openbook.protocols.Store`` over four collections of one Milvus server, or of Milvus Lite on a file."""

    def __init__(self, calls: MilvusCalls, names: Names, settings: Mapping[str, str]) -> None:
        self._calls = calls
        self._names = names
        self._settings = dict(settings)

    @property
    def uri(self) -> str:
        return str(self._calls.address)

    @property
    def settings(self) -> Mapping[str, str]:
        return self._settings

    @property
    def generation(self) -> int:
        return read_state(self._calls, self._names)[0]

    def note_origin(self, identity: str) -> None:
        put_settings(self._calls, self._names, {"copy_of": identity})
        self._settings["copy_of"] = identity

    def replace(self, document: Document, chunks: Sequence[Chunk], vectors: Matrix) -> None:
        if vectors.shape != (len(chunks), self._dim):
            raise ValueError(
                f"{len(chunks)} chunks need vectors of shape {(len(chunks), self._dim)}, not {vectors.shape}"
            )
        rows = rows_of(document, chunks, vectors)
        with change(self._calls, self._names, rows.document["key"]):
            self._calls.put(self._names.texts, rows.texts)
            self._calls.put(self._names.chunks, rows.chunks)
            self._calls.put(self._names.documents, [rows.document])  # from here on the document is the new one

    def forget(self, document_id: str) -> None:
        key = document_key(document_id)
        with change(self._calls, self._names, key):
            self._calls.drop(self._names.documents, f"key == {key}")

    def lexical(self, query: str, k: int, within: Sequence[str] = ()) -> Sequence[Hit]:
        # a word that FTS5 takes for several, as foo_bar, is any of them here and a phrase in the SQLite store
        [found] = searchable([" ".join(words(query))])
        return best_live(self._calls, self._names, "bm25", found, k, self._among(within)) if found else []

    def nearest(self, vector: Vector, k: int, within: Sequence[str] = ()) -> Sequence[Hit]:
        if vector.shape != (self._dim,):
            raise ValueError(f"the index holds vectors of {self._dim} numbers, not of shape {vector.shape}")
        return best_live(self._calls, self._names, "vector", vector.astype(np.float32).tolist(), k, self._among(within))

    def passages(self, chunk_ids: Sequence[int]) -> Sequence[Passage]:
        rows = self._calls.get(self._names.chunks, chunk_ids, ["document", "version", "place"])
        owners = self._calls.get(self._names.documents, owners_of(rows.values()), ["version", "about"])
        live = {key: row for key, row in rows.items() if is_live(row, owners)}
        documents = {key: document_of(row, "") for key, row in owners.items()}
        chunks = {key: chunk_of(row, documents[row["document"]].id) for key, row in live.items()}
        wanted = {
            key: text_keys(row["document"], row["version"], pieces_over(chunks[key].span)) for key, row in live.items()
        }
        pieces = self._pieces([piece for keys in wanted.values() for piece in keys])
        passages: dict[int, Passage] = {}
        for key, chunk in chunks.items():
            if not all(piece in pieces for piece in wanted[key]):  # replaced meanwhile, so this is no chunk any more
                if self._is_named(live[key]):
                    raise self._incomplete(chunk.document_id)
                continue
            start = chunk.span.start // PIECE * PIECE
            text = "".join(pieces[piece] for piece in wanted[key])[chunk.span.start - start : chunk.span.end - start]
            owner = documents[live[key]["document"]]
            passages[key] = Passage(chunk, text, owner.uri, owner.title, Label(frozenset({owner.uri})), {})
        return [passages[key] for key in chunk_ids if key in passages]

    def catalogue(self) -> Sequence[Document]:
        rows = self._calls.every(self._names.documents, ["about", "meta"])
        return sorted((document_of(row, "") for row in rows), key=lambda document: document.uri)

    def document(self, document_id: str) -> Document:
        for _ in range(ROUNDS):  # a writer may replace the document between two requests
            row = self._row(document_id)
            if row is None:
                raise IndexProblem(f"{self.uri} holds no document {document_id}: it was removed; search again")
            keys = text_keys(row["key"], row["version"], range(row["texts"]))
            pieces = self._pieces(keys)
            if len(pieces) == len(keys):
                return document_of(row, "".join(pieces[key] for key in keys))
        raise self._incomplete(document_id)

    def contents(self, document_id: str) -> tuple[Sequence[Chunk], Matrix]:
        for _ in range(ROUNDS):
            row = self._row(document_id)
            if row is None:
                return [], np.zeros((0, self._dim), np.float32)
            keys = chunk_keys(row["key"], row["version"], row["chunks"])
            found = self._calls.get(self._names.chunks, keys, ["place", "vector"])
            if len(found) == len(keys):
                pairs = [(chunk_of(found[key], document_id), found[key]["vector"]) for key in keys]
                pairs.sort(key=lambda pair: pair[0].span.start)
                vectors = np.array([vector for _, vector in pairs], np.float32).reshape(-1, self._dim)
                return [chunk for chunk, _ in pairs], vectors
        raise self._incomplete(document_id)

    def counts(self) -> dict[str, int]:
        """How many documents and chunks the index holds, and none of a change under way."""
        rows = self._calls.every(self._names.documents, ["chunks"])
        return {"documents": len(rows), "chunks": sum(row["chunks"] for row in rows)}

    def close(self) -> None:
        self._calls.close()

    @property
    def _dim(self) -> int:
        return int(self._settings["dim"])

    def _among(self, within: Sequence[str]) -> str:
        """A condition on chunks, naming the fewer documents; empty where all lie within, the usual case."""
        if not within:
            return ""
        rows = self._calls.every(self._names.documents, ["about"])
        inside = {row["key"] for row in rows if any(below(document_of(row, "").uri, source) for source in within)}
        outside = {row["key"] for row in rows} - inside
        if not outside:
            return ""
        if len(outside) < len(inside):
            return f"document not in {sorted(outside)}"
        return f"document in {sorted(inside)}"

    def _is_named(self, chunk: Row) -> bool:
        """Whether the chunk's version is still the one that its document's row names."""
        return is_live(chunk, self._calls.get(self._names.documents, owners_of([chunk]), ["version"]))

    def _row(self, document_id: str) -> Row | None:
        key = document_key(document_id)
        return self._calls.get(self._names.documents, [key], ["version", "texts", "chunks", "about", "meta"]).get(key)

    def _pieces(self, keys: Sequence[int]) -> dict[int, str]:
        return {key: row["piece"] for key, row in self._calls.get(self._names.texts, keys, ["piece"]).items()}

    def _incomplete(self, document_id: str) -> IndexProblem:
        return IndexProblem(f"{self.uri} holds only a part of {document_id}: build the index again under another #NAME")


def open_milvus(where: str, *, create: Mapping[str, str] | None = None, write: bool = False) -> MilvusStore:
    """Open the index at ``FILE.db`` or ``http(s)://HOST:PORT``, ``#NAME`` behind it where a server holds several.

    With ``create`` it is made first where there is none, with these settings. Raises IndexProblem, MissingExtra.
    """
    address = parse_address(where)
    calls = MilvusCalls(address, *connect(address, create=create is not None))
    try:
        names, settings = open_collections(calls, create)
        if create is not None or write:
            tidy(calls, names)
        return MilvusStore(calls, names, settings)
    except BaseException:
        calls.close()
        raise
