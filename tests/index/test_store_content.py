"""What any store promises of its content: what is put comes back whole, and nothing else does."""

import itertools

import numpy as np
import pytest
from store_samples import FRUIT, STARS, Put, texts, whole

from openbook.errors import IndexProblem
from openbook.protocols import Store
from openbook.values import Chunk, Document, Span


def test_what_is_put_comes_back(store: Store, put: Put) -> None:
    document, chunks, vectors = put(store, "fruit", *FRUIT, pages=[0, 22], nested={"a": [None, True, 1.5, "x"]})
    assert whole(store, document, chunks, vectors)
    [entry] = store.catalogue()
    assert (entry.text, entry.meta, entry.sha256) == ("", document.meta, document.sha256)


def test_a_passage_is_the_chunk_its_characters_and_its_source(store: Store, put: Put) -> None:
    document, chunks, vectors = put(store, "fruit", *FRUIT)
    [hit] = store.nearest(vectors[1], 1)
    [passage] = store.passages([hit.chunk_id])
    assert (passage.chunk, passage.text, passage.uri, passage.title) == (
        chunks[1],
        FRUIT[1],
        document.uri,
        document.title,
    )
    assert passage.label.sources == frozenset({document.uri})
    assert passage.signals == {}
    assert hit.score == pytest.approx(1.0, abs=1e-3)


def test_passages_keep_the_order_asked_for_and_leave_out_unknown_ids(store: Store, put: Put, embedder: object) -> None:
    put(store, "fruit", *FRUIT)
    put(store, "stars", *STARS)
    hits = store.nearest(embedder(["Mars is yellow"])[0], 5)
    ids = [hit.chunk_id for hit in hits]
    assert len(set(ids)) == 5
    backwards = [passage.text for passage in store.passages([*reversed(ids), 12345, ids[0]])]
    assert backwards == [*reversed(texts(store, hits)), texts(store, hits)[0]]
    assert list(store.passages([])) == []


def test_the_catalogue_is_sorted_by_uri(store: Store, put: Put) -> None:
    for name in ("b", "ä", "a", "Z", "日"):
        put(store, name, "One.")
    uris = [document.uri for document in store.catalogue()]
    assert uris == sorted(uris)
    assert len(uris) == 5


def test_a_new_store_is_empty(store: Store, embedder: object) -> None:
    assert list(store.catalogue()) == []
    assert list(store.nearest(embedder(["x"])[0], 10)) == []
    assert list(store.lexical("x", 10)) == []


def test_replacing_leaves_nothing_of_the_old(store: Store, put: Put, embedder: object) -> None:
    _, _, old = put(store, "fruit", *FRUIT)
    stale = [hit.chunk_id for hit in store.nearest(old[0], 10)]
    document, chunks, vectors = put(store, "fruit", "Plums are blue.")
    assert whole(store, document, chunks, vectors)
    assert list(store.passages(stale)) == []
    assert texts(store, store.lexical("apples pears bananas plums", 10)) == ["Plums are blue."]


def test_replacing_with_the_same_again_changes_no_content(store: Store, put: Put) -> None:
    put(store, "fruit", *FRUIT)
    document, chunks, vectors = put(store, "fruit", *FRUIT)
    assert whole(store, document, chunks, vectors)
    assert len(store.lexical("apples", 10)) == 1


def test_forgetting_leaves_the_others(store: Store, put: Put, embedder: object) -> None:
    put(store, "fruit", *FRUIT)
    document, chunks, vectors = put(store, "stars", *STARS)
    store.forget("fruit")
    assert whole(store, document, chunks, vectors)
    assert list(store.lexical("apples", 10)) == []
    assert [d.id for d in store.catalogue()] == ["stars"]
    store.forget("never there")
    assert [d.id for d in store.catalogue()] == ["stars"]


def test_the_generation_grows_with_every_change(store: Store, put: Put) -> None:
    seen = [store.generation]
    put(store, "fruit", *FRUIT)
    seen.append(store.generation)
    put(store, "fruit", "Plums.")
    seen.append(store.generation)
    store.forget("fruit")
    seen.append(store.generation)
    assert all(before < after for before, after in itertools.pairwise(seen))
    store.nearest(np.ones(32, np.float32), 3)
    assert store.generation == seen[-1]


def test_an_unknown_document(store: Store) -> None:
    with pytest.raises(IndexProblem, match="holds no document nothing"):
        store.document("nothing")
    chunks, vectors = store.contents("nothing")
    assert list(chunks) == []
    assert vectors.shape == (0, 32)


def test_a_document_without_chunks(store: Store, put: Put) -> None:
    document, _, _ = put(store, "fruit", *FRUIT)
    store.replace(document, [], np.zeros((0, 32), np.float32))
    assert store.document("fruit") == document
    assert store.contents("fruit")[1].shape == (0, 32)
    assert list(store.nearest(np.ones(32, np.float32), 5)) == []
    assert list(store.lexical("apples", 5)) == []


def test_an_empty_document(store: Store) -> None:
    empty = Document("empty", "/notes/empty", "", "", "0" * 64, {})
    store.replace(empty, [], np.zeros((0, 32), np.float32))
    assert store.document("empty") == empty


def test_a_long_document_is_not_cut(store: Store, embedder: object) -> None:
    """Longer than any field of any store, in characters of one to four bytes, with chunks across every boundary."""
    text = "".join(f"{n} plain, ünïcödé, 漢字 and 𝔣𝔯𝔞𝔨𝔱𝔲𝔯 \U0001f347. " for n in range(6_000))
    document = Document(
        "long", "/notes/long", "Long", text, "1" * 64, {"headings": [[n, 1, "x" * 90] for n in range(900)]}
    )
    spans = [Span(n, min(n + 700, len(text))) for n in range(0, len(text), 700)]
    chunks = [Chunk("long", span, (), f"line {n}") for n, span in enumerate(spans)]
    vectors = embedder([span.of(text) for span in spans])
    store.replace(document, chunks, vectors)
    assert whole(store, document, chunks, vectors)


def test_documents_and_chunks_are_counted(store: Store, put: Put) -> None:
    def counted() -> tuple[int, int]:
        return store.counts()["documents"], store.counts()["chunks"]

    assert counted() == (0, 0)
    put(store, "fruit", *FRUIT)
    put(store, "stars", *STARS)
    assert counted() == (2, len(FRUIT) + len(STARS))
    put(store, "fruit", "Plums are blue.")
    assert counted() == (2, 1 + len(STARS))
    store.forget("stars")
    assert counted() == (1, 1)
