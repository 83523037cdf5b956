"""The index as a file: its matrix can always be rebuilt, one writes at a time, and what the disk refuses is said."""

import multiprocessing
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from openbook.errors import IndexBusy, IndexProblem
from openbook.index import schema
from openbook.index.lock import sole_writer
from openbook.index.matrix import VectorMatrix, load_matrix, matrix_path, save_matrix
from openbook.index.sqlite import SqliteStore, open_sqlite

Put = Callable[..., object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


@pytest.fixture
def sqlite_store(path: Path, settings: dict[str, str]) -> SqliteStore:
    opened = open_sqlite(path, create=settings)
    yield opened
    opened.close()


def matrices(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.*.matrix*"))


def test_a_matrix_is_kept_for_its_generation_alone(sqlite_store: SqliteStore, path: Path, put: Put) -> None:
    put(sqlite_store, "a", "apples are red")
    sqlite_store.prepare()
    assert matrices(path) == [matrix_path(path, 1)]
    put(sqlite_store, "b", "pears are green")
    sqlite_store.prepare()
    assert matrices(path) == [matrix_path(path, 2)]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:100], lambda data: b"", lambda data: b"x" * len(data), lambda data: data + b"1"]
)
def test_a_damaged_matrix_is_rebuilt(
    sqlite_store: SqliteStore, path: Path, put: Put, embedder: object, damage: Callable[[bytes], bytes]
) -> None:
    put(sqlite_store, "a", "apples are red", "pears are green")
    sqlite_store.prepare()
    file = matrix_path(path, 1)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    reader = open_sqlite(path)
    assert [hit.chunk_id for hit in reader.nearest(embedder(["pears are green"])[0], 1)] == [2]
    reader.close()
    assert file.read_bytes() == whole


def test_a_matrix_of_another_index_is_not_taken(sqlite_store: SqliteStore, path: Path, put: Put) -> None:
    put(sqlite_store, "a", "apples are red")
    stranger = VectorMatrix(np.array([9]), np.ones((1, 32), np.float32))
    save_matrix(matrix_path(path, 1), path, "f" * 32, 1, stranger)
    assert load_matrix(matrix_path(path, 1), sqlite_store.settings["uuid"], 1) is None
    assert [hit.chunk_id for hit in sqlite_store.nearest(np.ones(32, np.float32), 5)] == [1]


def test_leftovers_of_a_killed_run_are_removed(sqlite_store: SqliteStore, path: Path, put: Put) -> None:
    leftover = path.with_name(f"{path.name}.abc.matrix.part")
    leftover.write_bytes(b"half")
    put(sqlite_store, "a", "apples are red")
    sqlite_store.prepare()
    assert not leftover.exists()


def test_equal_scores_come_in_the_order_of_ids() -> None:
    matrix = VectorMatrix(np.arange(50)[::-1].copy(), np.tile(np.eye(1, 4, dtype=np.float32), (50, 1)))
    assert [hit.chunk_id for hit in matrix.nearest(np.eye(1, 4, dtype=np.float32)[0], 5)] == [0, 1, 2, 3, 4]


def test_a_full_disk_loses_nothing(sqlite_store: SqliteStore, path: Path, put: Put) -> None:
    put(sqlite_store, "a", "apples are red")
    pages = sqlite_store._connection.execute("PRAGMA page_count").fetchone()[0]
    sqlite_store._connection.execute(
        f"PRAGMA max_page_count = {pages}"
    )  # the file may not grow: SQLite reports it full
    with pytest.raises(IndexProblem, match="disk is full"):
        put(sqlite_store, "b", *(f"sentence number {n} about pears" for n in range(2000)))
    sqlite_store.integrity()
    assert [document.id for document in sqlite_store.catalogue()] == ["a"]


def test_a_search_goes_on_while_a_writer_works(
    sqlite_store: SqliteStore, path: Path, put: Put, embedder: object
) -> None:
    put(sqlite_store, "a", "apples are red")
    reader = open_sqlite(path)
    sqlite_store._connection.execute("BEGIN IMMEDIATE")
    sqlite_store._connection.execute("DELETE FROM documents")
    assert len(reader.lexical("apples", 5)) == 1
    assert len(reader.nearest(embedder(["apples"])[0], 5)) == 1
    sqlite_store._connection.execute("ROLLBACK")
    reader.close()


def hold(path: Path, ready: object, release: object) -> None:
    with sole_writer(path, 0):
        ready.set()
        release.wait(30)


def test_a_second_writer_says_so_or_waits(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready, release = context.Event(), context.Event()
    process = context.Process(target=hold, args=(path, ready, release))
    process.start()
    ready.wait(30)
    waited: list[str] = []
    with pytest.raises(IndexBusy, match="another process"), sole_writer(path, 0.1, lambda: waited.append("said")):
        pass
    assert waited == ["said"]
    release.set()
    with sole_writer(path, 30):
        pass
    process.join()


def test_a_writer_that_was_killed_holds_nothing(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready, release = context.Event(), context.Event()
    process = context.Process(target=hold, args=(path, ready, release))
    process.start()
    ready.wait(30)
    process.kill()
    process.join()
    waited: list[str] = []
    with sole_writer(path, 0, lambda: waited.append("said")):
        assert waited == []


def test_a_newer_format_is_refused(path: Path, settings: dict[str, str]) -> None:
    open_sqlite(path, create=settings).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IndexProblem, match="newer openbook"):
        open_sqlite(path)


def test_an_older_format_is_said_to_a_reader_and_brought_up_to_date_by_a_writer(
    path: Path, settings: dict[str, str], put: Put
) -> None:
    connection = schema.connect(path, write=True)
    schema.migrate(connection, path, target=1)
    connection.close()
    with pytest.raises(IndexProblem, match="older openbook"):
        open_sqlite(path)
    store = open_sqlite(path, create=settings)
    put(store, "a", "apples are red")
    assert len(store.lexical("apple", 5)) == 1
    store.close()


def test_migrating_makes_the_words_of_what_is_there(path: Path, settings: dict[str, str], put: Put) -> None:
    store = open_sqlite(path, create=settings)
    put(store, "a", "apples are red", "pears are green")
    store._connection.execute("DROP TABLE words")
    store._connection.execute("DROP VIEW chunk_words")
    store._connection.execute("PRAGMA user_version = 1")
    store.close()
    store = open_sqlite(path, write=True)
    assert [hit.chunk_id for hit in store.lexical("pears", 5)] == [2]
    store.integrity()
    store.close()


def test_some_other_database_is_left_alone(path: Path, settings: dict[str, str]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    before = path.read_bytes()
    for options in ({"create": settings}, {}):
        with pytest.raises(IndexProblem):
            open_sqlite(path, **options)
    assert path.read_bytes() == before


def test_integrity_notices_a_lost_vector(sqlite_store: SqliteStore, put: Put) -> None:
    put(sqlite_store, "a", "apples are red", "pears are green")
    sqlite_store.integrity()
    sqlite_store._connection.execute("DELETE FROM vectors WHERE chunk = 2")
    with pytest.raises(IndexProblem, match="without a vector"):
        sqlite_store.integrity()


def test_integrity_notices_words_that_are_not_the_text(sqlite_store: SqliteStore, put: Put) -> None:
    put(sqlite_store, "a", "apples are red")
    sqlite_store._connection.execute("UPDATE documents SET text = 'oranges are b'")
    with pytest.raises(IndexProblem, match="damaged"):
        sqlite_store.integrity()


@contextmanager
def read_only(files: dict[str, bytes]) -> Iterator[Path]:
    """A folder that one may read and not write; root, who may write everywhere, becomes nobody meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in files.items():
            (folder / file).write_bytes(data)
        folder.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_folder_without_permission_is_said(settings: dict[str, str]) -> None:
    with read_only({}) as folder:
        for path in (folder / "index.sqlite", folder / "deep" / "index.sqlite"):
            with pytest.raises(IndexProblem, match="--index PATH"):
                open_sqlite(path, create=settings)
            with pytest.raises(IndexProblem, match="--index PATH"), sole_writer(path, 0):
                pass


def test_an_index_in_a_folder_without_permission_can_be_read(
    sqlite_store: SqliteStore, put: Put, path: Path, embedder: object
) -> None:
    put(sqlite_store, "a", "apples are red")
    sqlite_store.close()
    with read_only({"index.sqlite": path.read_bytes()}) as folder:
        reader = open_sqlite(folder / "index.sqlite")
        assert len(reader.lexical("apples", 5)) == len(reader.nearest(embedder(["apples"])[0], 5)) == 1
        reader.close()


def test_a_path_below_a_file_is_said(tmp_path: Path, settings: dict[str, str]) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(IndexProblem, match="--index PATH"):
        open_sqlite(tmp_path / "file" / "index.sqlite", create=settings)


def test_another_document_of_the_same_uri_takes_its_place(
    sqlite_store: SqliteStore, put: Put, embedder: object
) -> None:
    document, _, _ = put(sqlite_store, "old", "apples are red")
    chunks = [replace(chunk, document_id="new") for chunk in sqlite_store.contents("old")[0]]
    sqlite_store.replace(replace(document, id="new"), chunks, embedder(["apples are red"]))
    assert [d.id for d in sqlite_store.catalogue()] == ["new"]
    assert len(sqlite_store.lexical("apples", 9)) == 1
    sqlite_store.integrity()
