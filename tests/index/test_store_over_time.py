"""What any store promises over time: wrong input, reopening, readers beside a writer, writes that fail at any step."""

import itertools
import sqlite3
import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from store_samples import FRUIT, STARS, Put, texts, whole

from openbook.errors import IndexProblem
from openbook.index.open import open_store
from openbook.index.sqlite import SqliteStore
from openbook.protocols import Matrix, Store
from openbook.values import Chunk, Document, Span


def test_vectors_of_a_wrong_shape_are_refused(store: Store, put: Put, embedder: object) -> None:
    kept = put(store, "fruit", *FRUIT)
    generation = store.generation
    document, chunks, vectors = kept
    for wrong in (vectors[:2], vectors[:, :-1], np.hstack([vectors, vectors]), vectors[0]):
        with pytest.raises(ValueError, match="vectors of shape"):
            store.replace(document, chunks, wrong)
    with pytest.raises(ValueError, match="vectors of shape"):
        store.replace(Document("new", "/new", "", "x", "", {}), [], vectors)
    assert store.generation == generation
    assert whole(store, *kept)
    assert len(store.catalogue()) == 1


@pytest.mark.parametrize("where", ["text", "title", "place", "heading"])
def test_what_cannot_be_written_is_refused_whole(store: Store, put: Put, embedder: object, where: str) -> None:
    kept = put(store, "fruit", *FRUIT)
    broken = "half \ud83d of a pair"
    document = Document(
        "fruit", "/notes/fruit.txt", broken if where == "title" else "T", broken if where == "text" else "ab", "3", {}
    )
    chunks = [
        Chunk("fruit", Span(0, 1), (), "line 1"),
        Chunk("fruit", Span(1, 2), (broken,) if where == "heading" else (), broken if where == "place" else "line 2"),
    ]
    with pytest.raises(UnicodeError):
        store.replace(document, chunks, embedder(["a", "b"]))
    assert whole(store, *kept)


def test_reopening_finds_the_same(spec: str, settings: dict[str, str], put: Put) -> None:
    store = open_store(spec, create=settings)
    kept = put(store, "fruit", *FRUIT)
    put(store, "stars", *STARS)
    store.forget("stars")
    before = (store.generation, dict(store.settings), store.nearest(kept[2][0], 10), store.uri)
    words = texts(store, store.lexical("are green", 10))
    store.close()
    store = open_store(before[3])
    try:
        assert (store.generation, dict(store.settings), store.nearest(kept[2][0], 10), store.uri) == before
        assert texts(store, store.lexical("are green", 10)) == words
        assert whole(store, *kept)
    finally:
        store.close()


def test_settings_stay_as_they_were_made(spec: str, settings: dict[str, str]) -> None:
    open_store(spec, create=settings).close()
    store = open_store(spec, create={"embedder": "another", "dim": "7", "chunking": "none"}, write=True)
    try:
        assert {name: store.settings[name] for name in settings} == settings
    finally:
        store.close()


def test_there_must_be_an_index_unless_one_is_made(spec: str) -> None:
    with pytest.raises(IndexProblem, match="there is no index at"):
        open_store(spec)


def test_two_open_stores_see_each_other(spec: str, settings: dict[str, str], put: Put) -> None:
    writer = open_store(spec, create=settings)
    put(writer, "fruit", *FRUIT)
    reader = open_store(spec)
    try:
        generation = reader.generation
        kept = put(writer, "fruit", "Plums are blue.")
        assert reader.generation > generation
        assert whole(reader, *kept)
        assert texts(reader, reader.lexical("plums apples", 5)) == ["Plums are blue."]
    finally:
        reader.close()
        writer.close()


def test_readers_never_see_half_of_a_change(spec: str, settings: dict[str, str], put: Put, embedder: object) -> None:
    """Versions of one document, of one to three sentences that all name it, written while they are read."""

    def sentences(number: int) -> list[str]:
        return [f"Version {number} sentence {n}." for n in range(1 + number % 3)]

    enough, written = threading.Event(), [0]

    def write() -> None:
        writer = open_store(spec, write=True)
        while not enough.is_set() and written[0] < 5_000:
            written[0] += 1
            put(writer, "d", *sentences(written[0]))
        writer.close()

    first = open_store(spec, create=settings)
    put(first, "d", *sentences(0))
    reader = open_store(spec)
    thread = threading.Thread(target=write)
    thread.start()
    seen = set()
    try:
        while thread.is_alive() and len(seen) < 5:
            text = reader.document("d").text
            seen.add(int(text.split()[1]))
            assert text == "\n".join(sentences(int(text.split()[1])))
            chunks, vectors = reader.contents("d")
            assert any(
                len(chunks) == len(s) and np.allclose(vectors, embedder(s), atol=1e-3)
                for s in map(sentences, range(min(seen), written[0] + 2))
            )
            for hits in (reader.nearest(embedder(["version"])[0], 5), reader.lexical("version", 5)):
                assert 1 <= len(hits) <= 3
                found = reader.passages([hit.chunk_id for hit in hits])
                assert len({passage.text.split()[1] for passage in found}) <= 1
    finally:
        enough.set()
        thread.join()
        last = reader.document("d").text
        reader.close()
        first.close()
    assert last == "\n".join(sentences(written[0]))
    assert len(seen) > 1


unit = st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4).filter(lambda v: np.linalg.norm(v) > 0.1)


@pytest.mark.parametrize("kind", ["sqlite", "milvus"])
def test_nearest_is_the_ranking_of_all_rows(kind: str, place_of: Callable[..., str]) -> None:
    store = open_store(place_of(kind), create={"embedder": "none", "dim": "4", "chunking": "none"})

    @limits(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(unit, max_size=12), unit, st.integers(0, 15))
    def check(rows: list[list[float]], query: list[float], k: int) -> None:
        vectors = np.array(rows, np.float32).reshape(-1, 4)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors.astype(np.float16).astype(np.float32)  # as coarse as the coarsest store keeps them
        vector = np.array(query, np.float32) / np.float32(np.linalg.norm(query))
        text = "x" * len(rows)
        chunks = [Chunk("d", Span(n, n + 1), (), str(n)) for n in range(len(rows))]
        store.replace(Document("d", "/d", "", text, "", {}), chunks, vectors)
        hits = store.nearest(vector, k)
        wanted = sorted((vectors @ vector).tolist(), reverse=True)[:k]
        assert [hit.score for hit in hits] == pytest.approx(wanted, abs=1e-5)
        found = [int(passage.chunk.place) for passage in store.passages([hit.chunk_id for hit in hits])]
        assert len(set(found)) == len(wanted)
        assert [float(vectors[row] @ vector) for row in found] == pytest.approx(wanted, abs=1e-5)

    try:
        check()
    finally:
        store.close()


class BreaksAfter:
    """Stands for a connection whose ``count``-th write fails, as a full disk or a lost server makes it fail."""

    def __init__(self, inner: object, count: int, writes: Callable[[str, tuple[object, ...]], bool], error: Exception):
        self._inner, self._left, self._writes, self._error = inner, count, writes, error

    def __getattr__(self, name: str) -> object:
        value = getattr(self._inner, name)
        if not callable(value):
            return value

        def call(*arguments: object, **options: object) -> object:
            if self._writes(name, arguments):
                self._left -= 1
                if self._left == 0:
                    raise self._error
            return value(*arguments, **options)

        return call


def break_after(store: Store, count: int, patch: pytest.MonkeyPatch) -> None:
    if isinstance(store, SqliteStore):
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL

        def is_sql_write(_name: str, arguments: tuple[object, ...]) -> bool:
            return str(arguments[:1]).lstrip("('\"").startswith(("INSERT", "UPDATE", "DELETE", "COMMIT"))

        patch.setattr(store, "_connection", BreaksAfter(store._connection, count, is_sql_write, full))
    else:
        from pymilvus.exceptions import MilvusException

        gone = MilvusException(message="server unavailable")
        broken = BreaksAfter(store._calls.client, count, lambda name, _: name in ("upsert", "delete"), gone)
        patch.setattr(store._calls, "client", broken)


def test_a_write_that_fails_at_any_step_leaves_a_whole_document(store: Store, put: Put, embedder: object) -> None:
    other = put(store, "other", "Elsewhere.")
    store.forget("other")
    old = put(store, "fruit", *FRUIT)
    outcomes = []
    for count in itertools.count(1):
        with pytest.MonkeyPatch.context() as patch:
            break_after(store, count, patch)
            try:
                new = put(store, "fruit", *STARS, "Plums are blue.", "Figs are sweet.")
            except IndexProblem:
                new = None
        if new is not None:
            assert whole(store, *new)
            break
        if whole(store, *old):
            outcomes.append("old")
        else:
            assert whole(store, *put_again(store, old, STARS, embedder))
            outcomes.append("new")
        store.replace(*old)
        assert whole(store, *old)
    assert len(outcomes) >= 4
    assert outcomes == sorted(outcomes, reverse=True)  # once it is new it stays new
    put(store, "other", "Elsewhere.")
    assert store.document("other") == other[0]


def put_again(
    store: Store, old: tuple[Document, list[Chunk], Matrix], sentences: Sequence[str], embedder: object
) -> tuple[Document, list[Chunk], Matrix]:
    """What the failing call meant to write, read from the store: it must be all of it."""
    held = store.document(old[0].id)
    chunks, vectors = store.contents(old[0].id)
    lines = held.text.split("\n")
    assert lines == [*sentences, "Plums are blue.", "Figs are sweet."]
    assert np.allclose(vectors, embedder(lines), atol=1e-3)
    return held, list(chunks), vectors


def test_a_forgetting_that_fails_at_any_step_leaves_a_whole_document_or_none(store: Store, put: Put) -> None:
    for count in itertools.count(1):
        kept = put(store, "fruit", *FRUIT)
        with pytest.MonkeyPatch.context() as patch:
            break_after(store, count, patch)
            try:
                store.forget("fruit")
            except IndexProblem:
                pass
            else:
                break
        assert whole(store, *kept) or (list(store.catalogue()) == [] and list(store.lexical("apples", 9)) == [])
    assert count >= 3
    assert list(store.catalogue()) == []
