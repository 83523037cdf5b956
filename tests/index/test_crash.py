"""Killed at any moment, the index stays whole, and the next run ends where an undisturbed one would."""

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import time
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest

from openbook.index import schema
from openbook.index.sqlite import open_sqlite
from openbook.index.update import update

KILLS = 200
WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau".split()


def by_words(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for word in text.split(" "):
        spans.append((start, start + len(word)))
        start += len(word) + 1
    return [span for span in spans if span[1] > span[0]]


def make_folder(folder: Path, files: int, seed: int) -> None:
    folder.mkdir()
    rng = random.Random(seed)
    for number in range(files):
        paragraphs = (" ".join(rng.choices(WORDS, k=60)) + "." for _ in range(4))
        (folder / f"{number:03}.md").write_text(f"# File {number}\n\n" + "\n\n".join(paragraphs), encoding="utf-8")


def index_folder(path: Path, folder: Path, embedder: object) -> None:
    store = open_sqlite(path, create={"embedder": embedder.digest, "dim": str(embedder.dim)})
    update(store, embedder, [str(folder)], token_spans=by_words)
    store.prepare()
    store.close()


def contents(path: Path) -> list[object]:
    store = open_sqlite(path)
    found = []
    for entry in store.catalogue():
        chunks, vectors = store.contents(entry.id)
        found.append((entry.uri, entry.sha256, store.document(entry.id).text, chunks, vectors.tobytes()))
    store.close()
    return found


def old_format(path: Path) -> None:
    """An index as version 1 wrote it, without the table of words, so that opening it migrates."""
    connection = schema.connect(path, write=True)
    schema.migrate(connection, path, target=1)
    connection.close()


def undisturbed(context: BaseContext, path: Path, folder: Path, embedder: object) -> float:
    """Seconds that a whole run takes in a process of its own, so that the kills can fall within it."""
    started = time.monotonic()
    process = context.Process(target=index_folder, args=(path, folder, embedder))
    process.start()
    process.join()
    return time.monotonic() - started


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path: Path, embedder: object) -> None:
    folder = tmp_path / "folder"
    make_folder(folder, files=24, seed=1)
    wanted_path = tmp_path / "wanted.sqlite"
    index_folder(wanted_path, folder, embedder)
    context = multiprocessing.get_context("fork")
    seconds = min(undisturbed(context, tmp_path / f"timed-{n}.sqlite", folder, embedder) for n in range(3))
    wanted = contents(wanted_path)
    half = tmp_path / "half.sqlite"  # an older index of half the files, with one that changed and one that is gone
    old_format(half)
    index_folder(half, folder, embedder)
    store = open_sqlite(half, write=True)
    for entry in store.catalogue()[::2]:
        store.forget(entry.id)
    store.close()
    rng = random.Random(0)
    interrupted = 0
    for kill in range(KILLS):
        path = tmp_path / f"{kill}.sqlite"
        if kill % 3 == 1:
            old_format(path)
        elif kill % 3 == 2:
            shutil.copy(half, path)
        process = context.Process(target=index_folder, args=(path, folder, embedder))
        process.start()
        time.sleep(rng.uniform(0, seconds))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        interrupted += process.exitcode != 0
        seconds *= 1.02 if process.exitcode else 0.96  # other work beside this makes the undisturbed time a poor guide
        store = open_sqlite(path, create={"embedder": embedder.digest, "dim": str(embedder.dim)})
        store.integrity()
        store.close()
        index_folder(path, folder, embedder)
        assert contents(path) == wanted, f"kill {kill}"
        for file in tmp_path.glob(f"{kill}.sqlite*"):
            file.unlink()
    assert interrupted > KILLS // 2  # else the kills came too late to mean anything


def test_a_step_of_the_migration_that_fails_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.sqlite"
    old_format(path)
    monkeypatch.setattr(schema, "MIGRATIONS", (schema.MIGRATIONS[0], "CREATE TABLE half (x);\nCREATE NONSENSE;\n"))
    with pytest.raises(sqlite3.Error):
        open_sqlite(path, write=True)
    monkeypatch.undo()
    connection = schema.connect(path, write=False)
    assert schema.version(connection) == 1
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone() == (0,)
    connection.close()
    open_sqlite(path, write=True).close()
    connection = schema.connect(path, write=False)
    assert schema.version(connection) == len(schema.MIGRATIONS)
    connection.close()
