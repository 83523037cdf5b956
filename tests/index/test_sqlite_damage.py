"""A file whose bytes were overwritten: it still serves, or one line says that it is damaged and how to mend it."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from openbook.errors import IndexProblem
from openbook.index import search
from openbook.index.sqlite import open_sqlite
from openbook.index.update import update

COPIES = 60


def by_words(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for word in text.split(" "):
        spans.append((start, start + len(word)))
        start += len(word) + 1
    return [span for span in spans if span[1] > span[0]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for fruit in ("apples", "pears", "plums", "quinces"):
        (folder / f"{fruit}.md").write_text(f"# {fruit}\n\nThe {fruit} are ripe in autumn.\n", encoding="utf-8")
    return folder.resolve()


@pytest.fixture
def use(folder: Path, embedder: object) -> Callable[[Path], None]:
    """Everything that the commands do with an index: read all of it, search it, bring it up to date."""
    settings = {"embedder": embedder.digest, "dim": str(embedder.dim)}

    def use(path: Path) -> None:
        store = open_sqlite(path)
        try:
            for document in store.catalogue():
                store.document(document.id)
                store.contents(document.id)
            store.counts()
            search(store, embedder, "when are the pears ripe")
            store.nearest(embedder(["pears"])[0], 9, [str(folder)])
        finally:
            store.close()
        store = open_sqlite(path, create=settings, write=True)
        try:
            update(store, embedder, [str(folder)], token_spans=by_words)
            store.prepare()
            store.integrity()
        finally:
            store.close()

    return use


@pytest.fixture
def whole(tmp_path: Path, folder: Path, embedder: object) -> bytes:
    path = tmp_path / "whole.sqlite"
    store = open_sqlite(path, create={"embedder": embedder.digest, "dim": str(embedder.dim)})
    update(store, embedder, [str(folder)], token_spans=by_words)
    store.close()
    return path.read_bytes()


@pytest.mark.parametrize("length", [1, 4, 64])
def test_damage_at_random_bytes_is_said_or_harmless(
    tmp_path: Path, folder: Path, whole: bytes, use: Callable[[Path], None], length: int
) -> None:
    rng = random.Random(length)
    written = [at for at, byte in enumerate(whole) if byte]  # most of a small file is room that was never used
    noticed = 0
    for copy in range(COPIES):
        path = tmp_path / f"{copy}.sqlite"
        at = rng.choice(written)
        data = whole[:at] + rng.choice((rng.randbytes(length), b"\xff" * length)) + whole[at + length :]
        path.write_bytes(data[: len(whole)])
        changed = folder / "apples.md"
        changed.write_text(f"# apples\n\nThe apples of year {copy} are ripe.\n", encoding="utf-8")
        try:
            use(path)
        except IndexProblem:
            noticed += 1
        except Exception as error:
            pytest.fail(f"copy {copy}, byte {at} of {data[max(at - 40, 0) : at + 40]!r}: {error!r}")
    assert noticed > COPIES // 10  # else the damage was none


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"kind"', b'"k\xffnd"'),  # the loader's facts: no UTF-8
        (b'"kind"', b'"kind:'),  # and no JSON
        (b"ripe in", b"r\xffpe in"),  # the text of a document
        (b"CREATE TABLE chunks", b"CREATE T\xff\xffLE chunks"),  # the schema, which the message then quotes
        (b"SELECT chunks.id AS id", b"SELECT chunks.id AS ix"),
        (b"dim32", b"dim99"),
        (b"dim32", b"dim\xff2"),
    ],
)
def test_what_cannot_be_what_was_written_is_damage(
    tmp_path: Path, whole: bytes, use: Callable[[Path], None], old: bytes, new: bytes
) -> None:
    path = tmp_path / "damaged file.sqlite"
    assert old in whole
    path.write_bytes(whole.replace(old, new))
    with pytest.raises(IndexProblem, match="is damaged") as caught:
        use(path)
    assert f"`openbook index DIR --index '{path}' --rebuild`" in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE chunks SET start = 'x'",
        'UPDATE chunks SET start = 9, "end" = 3',
        "UPDATE chunks SET heading = x'ff'",
        "UPDATE documents SET meta = '[]'",
        "UPDATE documents SET text = x'ff00'",
        "UPDATE vectors SET vector = x'ff'",
        "UPDATE vectors SET vector = 'words'",
        "UPDATE state SET generation = 'x'",
        "DELETE FROM state",
        "DELETE FROM settings WHERE name = 'uuid'",
    ],
)
def test_a_row_of_another_kind_is_damage(
    tmp_path: Path, whole: bytes, use: Callable[[Path], None], change: str
) -> None:
    path = tmp_path / "index.sqlite"
    path.write_bytes(whole)
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    with pytest.raises(IndexProblem, match="is damaged"):
        use(path)


def test_a_mistake_of_ours_is_not_called_damage(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "index.sqlite"
    path.write_bytes(whole)
    store = open_sqlite(path)
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.catalogue()
    with pytest.raises(ValueError, match="shape"):
        open_sqlite(path, write=True).replace(None, [], np.zeros((1, 3), np.float32))


def test_a_missing_index_is_made_where_it_was_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    with pytest.raises(IndexProblem, match=f"openbook index DIR --index {path}"):
        open_sqlite(path)
