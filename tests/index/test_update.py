"""Keeping an index up to date: only what changed is read and embedded, and nothing that went wrong is lost."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from openbook.documents import Limits
from openbook.errors import IndexProblem, UnreadableSource
from openbook.index import search
from openbook.index.sqlite import SqliteStore, open_sqlite
from openbook.index.survey import changed, gone, survey, unopened
from openbook.index.update import Progress, Summary, update
from openbook.protocols import Matrix

Run = Callable[..., Summary]


class Counting:
    """An embedder that remembers what it was asked."""

    def __init__(self, inner: object) -> None:
        self.inner = inner
        self.asked: list[str] = []
        self.dim = inner.dim
        self.digest = inner.digest

    def __call__(self, texts: Sequence[str]) -> Matrix:
        self.asked.extend(texts)
        return self.inner(texts)


def by_words(text: str) -> list[tuple[int, int]]:
    spans, start = [], None
    for position, character in enumerate(text + " "):
        if character.isspace():
            if start is not None:
                spans.append((start, position))
            start = None
        elif start is None:
            start = position
    return spans


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("# Apples\n\nApples are red.\n\n# Pears\n\nPears are green.\n", encoding="utf-8")
    (folder / "b.txt").write_text("Bananas are yellow.\n", encoding="utf-8")
    return folder.resolve()


@pytest.fixture
def counting(embedder: object) -> Counting:
    return Counting(embedder)


@pytest.fixture
def store(tmp_path: Path, counting: Counting) -> SqliteStore:
    settings = {"embedder": counting.digest, "dim": str(counting.dim)}
    opened = open_sqlite(tmp_path / "index.sqlite", create=settings)
    yield opened
    opened.close()


@pytest.fixture
def run(store: SqliteStore, counting: Counting, notes: Path) -> Run:
    def go(**options: object) -> Summary:
        counting.asked.clear()
        return update(store, counting, [str(notes)], token_spans=by_words, **options)

    return go


def texts(store: SqliteStore) -> dict[str, str]:
    return {Path(d.uri).name: store.document(d.id).text for d in store.catalogue()}


def test_the_first_run_takes_everything(run: Run, store: SqliteStore, notes: Path) -> None:
    seen: list[Progress] = []
    summary = run(on_progress=seen.append)
    assert sorted(Path(u).name for u in summary.added) == ["a.md", "b.txt"]
    assert texts(store)["b.txt"] == "Bananas are yellow.\n"
    assert summary.chunks == store.counts()["chunks"] == summary.embedded
    assert seen[-1].files == seen[-1].files_total == 2
    store.integrity()


def test_a_large_document_tells_how_far_it_is(run: Run, notes: Path) -> None:
    (notes / "c.txt").write_text("\n\n".join(f"word{n} " * 150 for n in range(600)), encoding="utf-8")
    seen: list[Progress] = []
    summary = run(on_progress=seen.append)
    chunks = [step.chunks for step in seen]
    assert chunks == sorted(chunks)
    assert chunks[-1] == summary.chunks
    assert len([step for step in seen if not step.uri]) >= 3


def test_a_second_run_reads_nothing(run: Run, counting: Counting, store: SqliteStore) -> None:
    run()
    generation = store.generation
    summary = run()
    assert (summary.unchanged, summary.chunks, counting.asked) == (2, 0, [])
    assert store.generation == generation


def test_a_changed_file_embeds_only_its_new_chunks(
    run: Run, counting: Counting, notes: Path, store: SqliteStore
) -> None:
    run()
    path = notes / "a.md"
    path.write_text(path.read_text(encoding="utf-8").replace("green", "yellow"), encoding="utf-8")
    summary = run()
    assert summary.changed == [str(path)]
    assert counting.asked
    assert all("Pears" in text and "Apples are red" not in text for text in counting.asked)
    assert "Pears are yellow." in texts(store)["a.md"]


def test_touching_a_file_changes_nothing(run: Run, notes: Path) -> None:
    run()
    os.utime(notes / "a.md", (1, 1))
    assert run().unchanged == 2


def test_a_moved_file_keeps_its_vectors(run: Run, counting: Counting, notes: Path, store: SqliteStore) -> None:
    run()
    (notes / "deep").mkdir()
    (notes / "b.txt").rename(notes / "deep" / "c.txt")
    summary = run()
    assert summary.moved == [str(notes / "deep" / "c.txt")]
    assert summary.removed == []  # it is listed as moved
    assert counting.asked == []
    assert set(texts(store)) == {"a.md", "c.txt"}


def test_a_deleted_file_is_forgotten(run: Run, notes: Path, store: SqliteStore) -> None:
    run()
    (notes / "b.txt").unlink()
    assert run().removed == [str(notes / "b.txt")]
    assert set(texts(store)) == {"a.md"}
    store.integrity()


def test_a_file_that_is_no_document_any_more_is_forgotten(run: Run, notes: Path, store: SqliteStore) -> None:
    run()
    (notes / "b.txt").write_bytes(b"")
    summary = run()
    assert [Path(s.uri).name for s in summary.skipped] == ["b.txt"]
    assert set(texts(store)) == {"a.md"}


def test_a_file_that_cannot_be_opened_keeps_its_last_version(
    run: Run, notes: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()

    def refuse(path: Path) -> str:
        if path.name == "b.txt":
            raise PermissionError(13, "Permission denied")
        return original(path)

    from openbook.index import survey as module

    original = module.sha256_of
    monkeypatch.setattr(module, "sha256_of", refuse)
    summary = run()
    assert "Permission denied" in summary.skipped[0].reason
    assert set(texts(store)) == {"a.md", "b.txt"}


@contextmanager
def unreadable(path: Path) -> Iterator[None]:
    """Without any permission; root, who may read everything, becomes nobody meanwhile."""
    mode = path.stat().st_mode
    path.chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        path.chmod(mode)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.parametrize("closed", ["deep/c.txt", "deep"])
def test_a_file_or_folder_without_permission_is_neither_gone_nor_forgotten(
    counting: Counting, store: SqliteStore, closed: str
) -> None:
    with tempfile.TemporaryDirectory() as name:  # of pytest's own folders, nobody may enter any
        folder = Path(name).resolve()
        folder.chmod(0o755)
        (folder / "deep").mkdir()
        (folder / "deep" / "c.txt").write_text("Cherries are dark.", encoding="utf-8")
        (folder / "d.txt").write_text("Dates are sweet.", encoding="utf-8")
        update(store, counting, [str(folder)], token_spans=by_words)
        with unreadable(folder / closed):
            seen = survey([str(folder)], Limits())
            before = {d.uri: d for d in store.catalogue()}
            assert gone(seen, before, [str(folder)]) == []
            assert unopened(seen, before) == [str(folder / "deep" / "c.txt")]
            summary = update(store, counting, [str(folder)], token_spans=by_words)
        assert [(left.uri, left.reason) for left in summary.skipped] == [
            (str(folder / closed), "cannot be opened: Permission denied")
        ]
    assert (summary.removed, summary.unchanged) == ([], 1)
    assert set(texts(store)) == {"c.txt", "d.txt"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_in_a_files_place_is_no_document(run: Run, notes: Path, store: SqliteStore) -> None:
    run()
    (notes / "b.txt").unlink()
    os.mkfifo(notes / "b.txt")
    run()
    assert set(texts(store)) == {"a.md"}


def test_other_sources_are_left_alone(run: Run, tmp_path: Path, store: SqliteStore, counting: Counting) -> None:
    other = tmp_path / "notes-2"
    other.mkdir()
    (other / "c.txt").write_text("Cherries are dark.", encoding="utf-8")
    update(store, counting, [str(other.resolve())], token_spans=by_words)
    run()
    assert set(texts(store)) == {"a.md", "b.txt", "c.txt"}


def test_the_same_file_twice_is_two_documents_and_one_embedding(run: Run, counting: Counting, notes: Path) -> None:
    (notes / "copy.txt").write_bytes((notes / "b.txt").read_bytes())
    assert len(run().added) == 3
    assert len([t for t in counting.asked if "Bananas" in t]) == 1


def test_a_missing_source_is_said(store: SqliteStore, counting: Counting, tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource):
        update(store, counting, [str(tmp_path / "nowhere")], token_spans=by_words)


def test_survey_tells_what_changed_without_reading(run: Run, notes: Path, store: SqliteStore) -> None:
    run()
    (notes / "b.txt").unlink()
    (notes / "new.txt").write_text("New.", encoding="utf-8")
    before = {d.uri: d for d in store.catalogue()}
    seen = survey([str(notes)], Limits())
    assert changed(seen, before) == [str(notes / "new.txt")]
    assert gone(seen, before, [str(notes)]) == [str(notes / "b.txt")]


def test_vectors_of_another_encoder_are_never_compared(run: Run, store: SqliteStore, counting: Counting) -> None:
    run()
    counting.digest = "another"
    with pytest.raises(IndexProblem, match="another encoder"):
        search(store, counting, "apples")


def test_reused_vectors_equal_fresh_ones(run: Run, notes: Path, store: SqliteStore, counting: Counting) -> None:
    run()
    with (notes / "a.md").open("a", encoding="utf-8") as file:
        file.write("\n# Plums\n\nPlums are blue.\n")
    run()
    entry = next(d for d in store.catalogue() if d.uri.endswith("a.md"))
    chunks, vectors = store.contents(entry.id)
    text = store.document(entry.id).text
    fresh = counting.inner(["\n".join((*c.heading, c.span.of(text))) for c in chunks])
    assert np.allclose(vectors, fresh, atol=1e-3)


def test_a_name_that_is_not_utf8_is_skipped(run: Run, notes: Path) -> None:
    (notes / os.fsdecode(b"caf\xe9.txt")).write_text("Coffee.", encoding="utf-8")
    summary = run()
    assert [left.reason for left in summary.skipped] == ["its name is not valid Unicode: rename it"]
    summary.skipped[0].uri.encode("utf-8")
    assert len(summary.added) == 2
