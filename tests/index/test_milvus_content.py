"""What is Milvus's own about what it holds: what a stopped writer leaves, versions during a search, words, pieces."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.errors import IndexProblem
from openbook.index import milvus_connect, schema
from openbook.index.milvus_rows import PIECE, pieces_over
from openbook.index.milvus_schema import MAX_BYTES
from openbook.index.milvus_words import TOKENIZE, searchable, terms
from openbook.index.open import open_store
from openbook.values import Span

Put = Callable[..., object]


@pytest.fixture
def place(place_of: Callable[..., str]) -> str:
    return place_of("milvus")


def test_a_collection_begun_and_left_is_finished(place: str, settings: dict[str, str], put: Put) -> None:
    """Stopped after any request of its making, an index can be made again in the same place."""
    from pymilvus import MilvusClient

    steps = ["create_collection", "create_index", "upsert"]
    for step in [*steps, *steps[:2] * 3]:
        with pytest.MonkeyPatch.context() as patch:
            original = getattr(MilvusClient, step)

            def stop_after(*arguments: object, _original: Callable[..., object] = original, **options: object) -> None:
                _original(*arguments, **options)
                raise KeyboardInterrupt

            patch.setattr(MilvusClient, step, stop_after)
            try:
                open_store(place, create=settings).close()
            except KeyboardInterrupt:
                continue
    store = open_store(place, create=settings)
    assert dict(store.settings) == settings
    put(store, "fruit", "Apples grow.")
    assert len(store.lexical("apples", 3)) == 1
    store.close()


def rows_in(store: object) -> tuple[int, int, int]:
    names = store._names
    return tuple(
        sum(1 for _ in store._calls.every(collection, []))
        for collection in (names.documents, names.texts, names.chunks)
    )


def stop_before(store: object, collection: str, patch: pytest.MonkeyPatch) -> None:
    """The process ends just before it writes to this collection."""
    original = store._calls.put

    def put(name: str, rows: object) -> None:
        if name == collection:
            raise KeyboardInterrupt
        original(name, rows)

    patch.setattr(store._calls, "put", put)


@pytest.mark.parametrize("again", ["reopened", "another written", "forgotten"])
@pytest.mark.parametrize("known", [True, False])
def test_what_a_stopped_writer_left_is_cleaned(
    place: str, settings: dict[str, str], put: Put, known: bool, again: str
) -> None:
    store = open_store(place, create=settings)
    if known:
        put(store, "fruit", "Apples grow.")
    with pytest.MonkeyPatch.context() as patch:
        stop_before(store, store._names.documents, patch)
        with pytest.raises(KeyboardInterrupt):
            put(store, "fruit", "Plums are blue.", "Figs are sweet.")
    left = rows_in(store)
    assert left == ((1, 2, 3) if known else (0, 1, 2))
    assert store.counts() == ({"documents": 1, "chunks": 1} if known else {"documents": 0, "chunks": 0})
    generation = store.generation
    if again == "reopened":
        store.close()
        store = open_store(place, write=True)
        assert rows_in(store) == ((1, 1, 1) if known else (0, 0, 0))
    elif again == "another written":
        put(store, "other", "Stars shine.")
        assert rows_in(store) == ((2, 2, 2) if known else (1, 1, 1))
    else:
        store.forget("fruit")
        assert rows_in(store) == (0, 0, 0)
    assert store.generation > generation
    store.close()


def test_chunks_that_do_not_count_never_crowd_out_those_that_do(
    place: str, settings: dict[str, str], put: Put, embedder: object
) -> None:
    """While a writer is in the middle, readers get as many live chunks as there are, not what is left of k."""
    store = open_store(place, create=settings)
    put(store, "old", "Apples are green.", "Apples are red.")
    for number in range(3):
        with pytest.MonkeyPatch.context() as patch:
            stop_before(store, store._names.documents, patch)
            patch.setattr("openbook.index.milvus_change.tidy", lambda *_: None)  # several at once, as if racing
            with pytest.raises(KeyboardInterrupt):
                put(store, f"new{number}", *["Apples are apples."] * 20)
    reader = open_store(place)
    for hits in (reader.nearest(embedder(["Apples are apples."])[0], 2), reader.lexical("apples", 2)):
        found = sorted(passage.text for passage in reader.passages([hit.chunk_id for hit in hits]))
        assert found == ["Apples are green.", "Apples are red."]
    dead = [row["key"] for row in reader._calls.every(reader._names.chunks, ["document"])]
    assert len(dead) == 62
    assert len(reader.passages(dead)) == 2
    reader.close()
    store.close()


@pytest.mark.parametrize("stage", ["dense", "lexical"])
def test_a_version_that_becomes_live_during_a_search_is_found(
    place: str, settings: dict[str, str], put: Put, embedder: object, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """The first search meets chunks of a change under way; before the second, which leaves them out, it is done."""
    writer, reader = open_store(place, create=settings), open_store(place)
    put(writer, "fruit", "Apples are green.")
    with pytest.MonkeyPatch.context() as patch:
        stop_before(writer, writer._names.documents, patch)
        with pytest.raises(KeyboardInterrupt):
            put(writer, "fruit", "Apples are red.", "Apples are ripe.")
    original, made = reader._calls.search, []

    def search(*arguments: object) -> object:
        made.append(arguments)
        if len(made) == 2:
            put(writer, "fruit", "Apples are red.", "Apples are ripe.")
        return original(*arguments)

    monkeypatch.setattr(reader._calls, "search", search)
    hits = reader.nearest(embedder(["apples"])[0], 5) if stage == "dense" else reader.lexical("apples", 5)
    found = sorted(passage.text for passage in reader.passages([hit.chunk_id for hit in hits]))
    assert found == ["Apples are red.", "Apples are ripe."]
    assert len(made) > 2
    reader.close()
    writer.close()


def test_a_damaged_document_is_said(place: str, settings: dict[str, str], put: Put) -> None:
    store = open_store(place, create=settings)
    _, _, vectors = put(store, "fruit", "Apples grow.")
    [hit] = store.nearest(vectors[0], 1)
    store._calls.drop(store._names.texts, "key > 0")
    for ask in (lambda: store.document("fruit"), lambda: store.passages([hit.chunk_id])):
        with pytest.raises(IndexProblem, match="only a part of fruit"):
            ask()
    store._calls.drop(store._names.chunks, "key > 0")
    with pytest.raises(IndexProblem, match="only a part of fruit"):
        store.contents("fruit")
    store.close()


WRITER = """
import sys, numpy as np
from openbook.index.open import open_store
from openbook.values import Chunk, Document, Span
store = open_store(sys.argv[1], create={"embedder": "e", "dim": "4", "chunking": "c"})
print("ready", flush=True)
for number in range(100_000):
    text = f"{number} " * 200
    size = len(f"{number} ")
    chunks = [Chunk("d", Span(n * size, n * size + size), (), str(number)) for n in range(200)]
    store.replace(Document("d", "/d", str(number), text, str(number), {}), chunks, np.ones((200, 4), np.float32) / 2)
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_killed_writer_leaves_one_whole_version(place: str) -> None:
    for kill in range(4):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, place], stdout=subprocess.PIPE, text=True)
        assert writer.stdout.readline() == "ready\n"
        assert writer.stdout.readline() == "0\n"
        time.sleep(0.05 + 0.037 * kill)
        os.kill(writer.pid, signal.SIGKILL)
        done = [line for line in writer.stdout.read().split("\n") if line]
        writer.wait()
        writer.stdout.close()
        store = open_store(place, write=True)
        document = store.document("d")
        number = int(document.title)
        assert number in (int(done[-1]) if done else 0, (int(done[-1]) if done else 0) + 1)
        assert document.text == f"{number} " * 200
        hits = store.nearest(np.ones(4, np.float32) / 2, 1000)
        assert {passage.text for passage in store.passages([hit.chunk_id for hit in hits])} == {f"{number} "}
        assert len(hits) == 200
        assert rows_in(store) == (1, 1, 200)
        store.close()


def test_no_thread_or_lock_outlives_the_store(place: str, settings: dict[str, str]) -> None:
    from milvus_lite.server_manager import server_manager_instance

    first, second = open_store(place, create=settings), open_store(place)
    first.close()
    assert list(second.catalogue()) == []  # still served
    second.close()
    assert place.removeprefix("milvus:") not in server_manager_instance._servers
    assert Path(place.removeprefix("milvus:")) not in milvus_connect._served


def test_the_words_are_those_of_the_sqlite_store() -> None:
    assert f"tokenize='{TOKENIZE}'" in schema.WORDS
    assert terms(["Running dogs' cafés, co-operate_foo 3D", "", "שלום 漢字かな e\u0301tude"]) == [
        ["run", "dog", "cafe", "co", "oper", "foo", "3d"],
        [],
        ["שלום", "漢字かな", "etud"],
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=4))
def test_words_pass_any_analyser_unchanged(texts: list[str]) -> None:
    for found, read in zip(terms(texts), searchable(texts), strict=True):
        assert read == "" or all(word.isascii() and word.isalnum() for word in read.split(" "))
        assert len(read.split()) == len(found)
        assert read == read.lower()


def test_more_words_than_a_field_takes_are_cut_between_words() -> None:
    [read] = searchable([" ".join(f"word{number}" for number in range(10_000))])
    assert len(read) <= MAX_BYTES < len(read) + 10
    assert set(read.split()) <= {f"word{number}" for number in range(10_000)}


@given(st.integers(0, 5 * PIECE), st.integers(0, 3 * PIECE))
def test_pieces_cover_their_span(start: int, length: int) -> None:
    span = Span(start, start + length)
    pieces = pieces_over(span)
    assert length == 0 or (pieces.start * PIECE <= start and span.end <= pieces.stop * PIECE)
    assert length == 0 or len(pieces) <= length // PIECE + 2
    assert len(("\U0001f347" * PIECE).encode()) <= MAX_BYTES
