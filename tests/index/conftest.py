"""What the tests of the index share: an encoder without weights, documents made by hand, and both stores."""

import hashlib
import importlib.util
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from openbook.index.open import open_store
from openbook.protocols import Matrix, Store
from openbook.values import Chunk, Document, Span

DIM = 32

MILVUS_MISSING = [name for name in ("pymilvus", "milvus_lite") if importlib.util.find_spec(name) is None]


class HashingEmbedder:
    """Every word adds ±1 to a coordinate that its digest chooses; rows of unit length. The same on every machine."""

    dim = DIM
    digest = hashlib.sha256(b"hashed words, 32 coordinates").hexdigest()

    def __call__(self, texts: Sequence[str]) -> Matrix:
        rows = np.zeros((len(texts), DIM), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.casefold()) or [""]:
                digest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
                row[digest[0] % DIM] += 1 if digest[1] % 2 else -1
            row /= np.linalg.norm(row) or 1.0
            row[0] += not row.any()
        return rows


def make_document(name: str, *sentences: str, **meta: object) -> tuple[Document, list[Chunk]]:
    """A document of these sentences, one a line, and a chunk for each."""
    text = "\n".join(sentences)
    chunks, start = [], 0
    for number, sentence in enumerate(sentences, start=1):
        chunks.append(Chunk(name, Span(start, start + len(sentence)), ("Notes", name), f"line {number}"))
        start += len(sentence) + 1
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(name, f"/notes/{name}.txt", name.title(), text, digest, {"kind": "text", **meta}), chunks


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def settings(embedder: HashingEmbedder) -> dict[str, str]:
    return {"embedder": embedder.digest, "dim": str(embedder.dim), "chunking": "one sentence"}


@pytest.fixture
def place_of(tmp_path: Path) -> Callable[[str, str], str]:
    """The spec of a store of this kind and name, in a folder of the test's own."""

    def place(kind: str, name: str = "index") -> str:
        if kind == "milvus" and MILVUS_MISSING:
            pytest.skip(f"the Milvus store is not tested: {' and '.join(MILVUS_MISSING)} not installed")
        return f"{kind}:{tmp_path / name}.{'db' if kind == 'milvus' else 'sqlite'}"

    return place


@pytest.fixture(params=["sqlite", "milvus"])
def spec(request: pytest.FixtureRequest, place_of: Callable[[str, str], str]) -> str:
    return place_of(request.param, "index")


@pytest.fixture
def store(spec: str, settings: dict[str, str]) -> Iterator[Store]:
    opened = open_store(spec, create=settings)
    yield opened
    opened.close()


@pytest.fixture
def put(embedder: HashingEmbedder) -> Callable[..., tuple[Document, list[Chunk], Matrix]]:
    """Make a document of sentences and put it into a store."""

    def put(store: Store, name: str, *sentences: str, **meta: object) -> tuple[Document, list[Chunk], Matrix]:
        document, chunks = make_document(name, *sentences, **meta)
        vectors = embedder(sentences)
        store.replace(document, chunks, vectors)
        return document, chunks, vectors

    return put
