"""What is Milvus's own about reaching it: addresses, tokens, a server that fails, files that are not its own."""

import base64
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path

import numpy as np
import pytest

from openbook.errors import IndexBusy, IndexProblem, MissingExtra
from openbook.index import milvus_calls, milvus_connect
from openbook.index.milvus_connect import parse_address
from openbook.index.milvus_schema import key_of
from openbook.index.open import open_store

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
