"""What is Milvus's own: addresses, tokens, a server that fails, what a stopped writer leaves, the words it reads."""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.errors import IndexBusy, IndexProblem, MissingExtra
from openbook.index import milvus_calls, milvus_connect, schema
from openbook.index.milvus_connect import parse_address
from openbook.index.milvus_rows import PIECE, pieces_over
from openbook.index.milvus_schema import MAX_BYTES, key_of
from openbook.index.milvus_words import TOKENIZE, searchable, terms
from openbook.index.open import open_store
from openbook.values import Span

Put = Callable[..., object]


@pytest.fixture
def place(place_of: Callable[..., str]) -> str:
    return place_of("milvus")


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    for name in milvus_connect.TOKEN_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return lambda value: monkeypatch.setenv("OPENBOOK_MILVUS_TOKEN", value)


@pytest.fixture
def server(place: str, tmp_path: Path) -> Iterator[tuple[str, object]]:
    """Milvus Lite's engine behind an address, asking for a token: as much of a cluster as fits into a test."""
    import grpc
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.db import MilvusLite
    from pymilvus.grpc_gen import milvus_pb2_grpc

    class Door(grpc.ServerInterceptor):
        def intercept_service(self, go_on: Callable[..., object], call: grpc.HandlerCallDetails) -> object:
            wanted = ("authorization", base64.b64encode(b"secret:sesame").decode())
            return go_on(call) if wanted in call.invocation_metadata else grpc.unary_unary_rpc_method_handler(refuse)

    def refuse(_request: object, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure, please check api key is correct")

    data = MilvusLite(str(tmp_path / "cluster"))
    running = grpc.server(futures.ThreadPoolExecutor(4), interceptors=[Door()])
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(MilvusServicer(data), running)
    port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    yield f"milvus:http://127.0.0.1:{port}", running
    running.stop(grace=None).wait()
    data.close()


@pytest.mark.parametrize(
    ("where", "file", "name"),
    [
        ("/a/b.db", Path("/a/b.db"), ""),
        ("/a/b.db#team", Path("/a/b.db"), "team"),
        ("/a/odd#name.db", Path("/a/odd#name.db"), ""),
        ("http://host:19530", None, ""),
        ("https://host", None, ""),
        ("http://host:19530/database#team_2", None, "team_2"),
    ],
)
def test_addresses(where: str, file: Path | None, name: str) -> None:
    address = parse_address(where)
    assert (address.file, address.name) == (file, name)
    assert parse_address(str(address).removeprefix("milvus:")) == address


@pytest.mark.parametrize(
    "where",
    [
        "",
        "host:19530",
        "ftp://host",
        "http://",
        "http://host:0",
        "http://host:99999",
        "/a/b.sqlite",
        "http://h:1#a b",
        "x.db#é",
        "http://host:1?token=x",
    ],
)
def test_other_addresses_are_refused(where: str) -> None:
    with pytest.raises(IndexProblem, match=r"choose another|write milvus:FILE.db"):
        parse_address(where)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(IndexProblem, match="OPENBOOK_MILVUS_TOKEN") as caught:
        open_store("milvus:http://me:hidden@host:19530")
    assert "hidden" not in str(caught.value)


def test_without_pymilvus_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(MissingExtra, match=r"pip install 'openbook\[milvus\]'"):
        open_store(f"milvus:{tmp_path}/index.db", create={"dim": "2"})
    assert not list(tmp_path.iterdir())


def test_the_token_comes_from_the_environment(
    server: tuple[str, object], settings: dict[str, str], put: Put, token: Callable[[str], None]
) -> None:
    token("secret:sesame")
    store = open_store(server[0], create=settings)
    put(store, "fruit", "Apples grow.")
    assert [document.id for document in store.catalogue()] == ["fruit"]
    assert "sesame" not in store.uri
    store.close()


@pytest.mark.parametrize("wrong", ["", "secret:wrong"])
def test_a_wrong_token_is_said_and_not_shown(
    server: tuple[str, object], settings: dict[str, str], token: Callable[[str], None], wrong: str
) -> None:
    token(wrong)
    started = time.monotonic()
    with pytest.raises(IndexProblem, match="set the variable OPENBOOK_MILVUS_TOKEN") as caught:
        open_store(server[0], create=settings)
    assert "wrong" not in str(caught.value)
    assert time.monotonic() - started < 2 * milvus_connect.CONNECT_SECONDS


def test_names_keep_the_indexes_of_one_server_apart(
    server: tuple[str, object], settings: dict[str, str], put: Put, token: Callable[[str], None]
) -> None:
    token("secret:sesame")
    stores = [open_store(server[0] + name, create=settings) for name in ("", "#team", "#other")]
    for number, store in enumerate(stores):
        put(store, f"d{number}", f"Number {number}.")
    assert [[d.id for d in store.catalogue()] for store in stores] == [["d0"], ["d1"], ["d2"]]
    assert [len(store.lexical("number", 9)) for store in stores] == [1, 1, 1]
    with pytest.raises(IndexProblem, match=r"there is no index at .*#nobody"):
        open_store(server[0] + "#nobody")
    for store in stores:
        store.close()


def test_no_server_is_said_at_once(place: str) -> None:
    with pytest.raises(IndexProblem, match="cannot be reached"):
        open_store("milvus:http://127.0.0.1:1")


def test_a_server_that_never_answers_is_given_up(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus_connect, "CONNECT_SECONDS", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(IndexProblem, match=r"cannot be reached|in time"):
            open_store(f"milvus:http://127.0.0.1:{silent.getsockname()[1]}")


def test_a_server_that_goes_away_is_said(
    server: tuple[str, object],
    settings: dict[str, str],
    put: Put,
    token: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token("secret:sesame")
    store = open_store(server[0], create=settings)
    put(store, "fruit", "Apples grow.")
    server[1].stop(grace=None).wait()
    monkeypatch.setattr(milvus_calls, "CALL_SECONDS", 1)
    for ask in (store.catalogue, lambda: store.lexical("apples", 3), lambda: put(store, "fruit", "Pears.")):
        with pytest.raises(IndexProblem, match=r"cannot be reached|in time"):
            ask()
    store.close()


def test_a_file_in_use_by_another_process_is_busy(place: str, settings: dict[str, str]) -> None:
    open_store(place, create=settings).close()
    from milvus_lite.db import MilvusLite

    holder = MilvusLite(place.removeprefix("milvus:"))  # takes the lock as another process would
    with pytest.raises(IndexBusy, match="in use by another process"):
        open_store(place)
    holder.close()
    open_store(place).close()


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_not_of_milvus_lite_is_left_alone(place: str, settings: dict[str, str], kind: str) -> None:
    path = Path(place.removeprefix("milvus:"))
    if kind == "folder":
        path.mkdir()
        path /= "letter.txt"
    path.write_text("dear", encoding="utf-8")
    with pytest.raises(IndexProblem, match="choose another path"):
        open_store(place, create=settings)
    assert path.read_text(encoding="utf-8") == "dear"


def test_opening_what_is_not_there_makes_nothing(place: str, tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="there is no index"):
        open_store(place)
    assert not list(tmp_path.iterdir())


def test_vectors_of_another_length_are_said(place: str, settings: dict[str, str]) -> None:
    store = open_store(place, create=settings)
    key = {"key": key_of("dim"), "name": "dim", "value": "7", "unused": [0.0, 0.0]}
    store._calls.put(store._names.settings, [key])
    store.close()
    with pytest.raises(IndexProblem, match="does not hold vectors of 7 numbers"):
        open_store(place)


def test_a_query_of_another_length_is_refused(place: str, settings: dict[str, str]) -> None:
    store = open_store(place, create=settings)
    with pytest.raises(ValueError, match="vectors of 32 numbers"):
        store.nearest(np.ones(31, np.float32), 3)
    store.close()


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
