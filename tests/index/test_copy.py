"""Copies lose nothing, go on after an interruption, and the proof notices whatever differs."""

import dataclasses
import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from openbook.errors import IndexBusy, IndexProblem
from openbook.index.copy import CopyReport, copy, prove, would_be_lost
from openbook.index.open import open_store
from openbook.protocols import Store
from openbook.values import Document

Make = Callable[..., Store]

WORDS = (
    "river mountain forest valley ocean desert island meadow canyon glacier running walked swims flying climbed "
    "quickly slowly bright dark ancient modern silent loud narrow broad stone water fire wind cloud storm"
).split()


@pytest.fixture
def make(place_of: Callable[..., str], settings: dict[str, str]) -> Iterator[Make]:
    """Open stores by kind and name; all are closed in the end."""
    opened: list[Store] = []

    def make(kind: str, name: str, **changed: str) -> Store:
        opened.append(open_store(place_of(kind, name), create=settings | changed))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


def fill(store: Store, put: Callable[..., object], documents: int = 12) -> None:
    rng = random.Random(7)
    for number in range(documents):
        sentences = [" ".join(rng.choices(WORDS, k=12)).capitalize() + f" {number}." for _ in range(rng.randint(1, 9))]
        put(store, f"d{number:02}", *sentences, "Ünïcödé שלום 漢字 \U0001f347.", pages=[0, number], none=None)
    store.replace(Document("empty", "/notes/empty", "", "", "0", {}), [], np.zeros((0, 32), np.float32))


def contents(store: Store) -> list[object]:
    return [(entry, store.document(entry.id), *store.contents(entry.id)) for entry in store.catalogue()]


def same(ours: Store, theirs: Store) -> bool:
    pairs = list(zip(contents(ours), contents(theirs), strict=True))
    return all(list(a[:3]) == list(b[:3]) and np.array_equal(a[3], b[3]) for a, b in pairs) and len(pairs) > 0


@pytest.mark.parametrize("route", [("sqlite", "milvus", "sqlite"), ("milvus", "milvus"), ("sqlite", "sqlite")])
def test_a_copy_and_its_copy_are_lossless(make: Make, put: Callable[..., object], route: tuple[str, ...]) -> None:
    stores = [make(kind, f"index{number}") for number, kind in enumerate(route)]
    fill(stores[0], put)
    seen: list[tuple[int, int]] = []
    chunks = sum(len(chunks) for _, _, chunks, _ in contents(stores[0]))
    assert copy(stores[0], stores[1], lambda done, total: seen.append((done, total))) == (13, chunks)
    assert seen == [(number, 13) for number in range(1, 14)]
    for number in range(1, len(stores)):
        copy(stores[number - 1], stores[number])
        assert same(stores[0], stores[number])
    report = prove(stores[0], stores[-1])
    wanted = CopyReport(13, 13, chunks, 50, 50, 50, report.lexical_overlap)
    assert report == wanted
    assert report.lexical_overlap > 0.97


def test_milvus_to_sqlite_keeps_vectors_but_for_rounding(make: Make, put: Callable[..., object]) -> None:
    origin, goal = make("milvus", "from"), make("sqlite", "to")
    fill(origin, put)
    copy(origin, goal)
    report = prove(origin, goal, sample=20)
    assert (report.equal_documents, report.queries, report.equal_dense) == (13, 20, 20)


def test_both_stores_answer_alike(make: Make, put: Callable[..., object], embedder: object) -> None:
    origin, goal = make("sqlite", "from"), make("milvus", "to")
    fill(origin, put, documents=40)
    copy(origin, goal)
    report = prove(origin, goal, embedder)
    assert (report.documents, report.equal_documents, report.queries) == (41, 41, 50)
    assert report.equal_dense == 50
    assert report.lexical_overlap >= 0.9  # the same words match; only how much a common word counts differs
    every = [h.chunk_id for h in origin.lexical("running waters of the ancient glaciers", 1000)]
    theirs = [h.chunk_id for h in goal.lexical("running waters of the ancient glaciers", 1000)]
    assert {(p.chunk.document_id, p.chunk.span) for p in origin.passages(every)} == {
        (p.chunk.document_id, p.chunk.span) for p in goal.passages(theirs)
    }
    assert len(every) == len(theirs) > 20


def test_the_proof_can_be_drawn_again(make: Make, put: Callable[..., object]) -> None:
    store = make("sqlite", "one")
    fill(store, put)
    asked: list[list[str]] = []

    class Listening:
        dim, digest = 32, ""

        def __call__(self, texts: list[str]) -> np.ndarray:
            asked.append(list(texts))
            return np.ones((len(texts), 32), np.float32)

    for seed in (1, 1, 2):
        prove(store, store, Listening(), sample=15, seed=seed)
    assert asked[0] == asked[1] != asked[2]
    assert len(asked[0]) == 15
    text = "\n".join(store.document(entry.id).text for entry in store.catalogue())
    assert all(query in text.replace("\n", " ") for query in asked[0])


@pytest.mark.parametrize("kind", ["sqlite", "milvus"])
def test_an_interrupted_copy_goes_on(make: Make, put: Callable[..., object], kind: str) -> None:
    origin, goal = make("sqlite", "from"), make(kind, "to")
    fill(origin, put)

    def stop(done: int, _total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(origin, goal, stop)
    assert len(goal.catalogue()) == 5
    assert copy(origin, goal)[0] == 8
    generation = goal.generation
    assert copy(origin, goal) == (0, 0)
    assert goal.generation == generation
    assert same(origin, goal)


def test_what_changed_is_copied_again_and_what_went_is_forgotten(make: Make, put: Callable[..., object]) -> None:
    origin, goal = make("sqlite", "from"), make("milvus", "to")
    fill(origin, put)
    put(goal, "stranger", "Nobody knows.")
    copy(origin, goal)
    put(origin, "d03", "Something else now.")
    origin.forget("d04")
    document = origin.document("d05")
    chunks, vectors = origin.contents("d05")
    origin.replace(dataclasses.replace(document, title="Another title"), chunks, vectors)
    assert copy(origin, goal) == (2, 1 + len(chunks))
    assert same(origin, goal)


@pytest.mark.parametrize("name", ["embedder", "chunking"])
def test_a_target_for_other_vectors_is_refused(make: Make, put: Callable[..., object], name: str) -> None:
    origin, goal = make("sqlite", "from"), make("sqlite", "to", **{name: "another"})
    fill(origin, put)
    kept = put(goal, "kept", "It stays.")
    with pytest.raises(IndexProblem, match=f"another {name}"):
        copy(origin, goal)
    assert goal.document("kept") == kept[0]


def test_a_source_that_changes_meanwhile_is_said(make: Make, put: Callable[..., object]) -> None:
    origin, goal = make("sqlite", "from"), make("sqlite", "to")
    fill(origin, put)

    def change(done: int, _total: int) -> None:
        if done == 3:
            put(origin, "d07", "Changed during the copy.")

    with pytest.raises(IndexBusy, match="changed while it was copied"):
        copy(origin, goal, change)
    assert len(goal.catalogue()) == 3
    copy(origin, goal)
    assert same(origin, goal)


def turned(store: Store, document_id: str) -> None:
    """The same document with other vectors."""
    chunks, vectors = store.contents(document_id)
    store.replace(store.document(document_id), chunks, -vectors)


def without_a_chunk(store: Store, document_id: str) -> None:
    chunks, vectors = store.contents(document_id)
    store.replace(store.document(document_id), chunks[1:], vectors[1:])


def other_meta(store: Store, document_id: str) -> None:
    chunks, vectors = store.contents(document_id)
    document = store.document(document_id)
    store.replace(dataclasses.replace(document, meta={**document.meta, "kind": "other"}), chunks, vectors)


@pytest.mark.parametrize("damage", [turned, without_a_chunk, other_meta, lambda store, name: store.forget(name)])
def test_the_proof_notices_a_difference(make: Make, put: Callable[..., object], damage: Callable[..., None]) -> None:
    origin, goal = make("sqlite", "from"), make("sqlite", "to")
    fill(origin, put)
    copy(origin, goal)
    whole = prove(origin, goal)
    assert (whole.equal_documents, whole.equal_dense, whole.equal_lexical, whole.lexical_overlap) == (13, 50, 50, 1.0)
    for name in ("d02", "d05", "d08"):
        damage(goal, name)
    report = prove(origin, goal)
    assert (report.documents, report.equal_documents) == (13, 10)
    if damage is not other_meta:
        assert report.equal_dense < 50
    if damage not in (turned, other_meta):
        assert report.equal_lexical < 50
        assert report.lexical_overlap < 1.0


def test_the_proof_compares_scores(make: Make, put: Callable[..., object]) -> None:
    origin, goal = make("sqlite", "from"), make("sqlite", "to")
    fill(origin, put)
    for entry in origin.catalogue():
        chunks, vectors = origin.contents(entry.id)
        goal.replace(origin.document(entry.id), chunks, 0.99 * vectors)
    report = prove(origin, goal)
    assert (report.equal_documents, report.equal_dense, report.equal_lexical) == (1, 0, 50)  # the empty one is equal


def test_the_proof_notices_what_only_the_target_holds(make: Make, put: Callable[..., object]) -> None:
    origin, goal = make("sqlite", "from"), make("sqlite", "to")
    fill(origin, put)
    copy(origin, goal)
    put(goal, "stranger", "Nobody knows.")
    report = prove(origin, goal)
    assert (report.documents, report.equal_documents) == (14, 13)


def test_empty_indexes_are_equal(make: Make) -> None:
    origin, goal = make("sqlite", "from"), make("milvus", "to")
    assert copy(origin, goal) == (0, 0)
    assert prove(origin, goal) == CopyReport(0, 0, 0, 0, 0, 0, 1.0)


@pytest.mark.parametrize("kind", ["sqlite", "milvus"])
def test_only_an_earlier_copy_loses_nothing(make: Make, put: Callable[..., object], kind: str) -> None:
    origin, goal, other = make("sqlite", "from"), make(kind, "to"), make("sqlite", "other")
    fill(origin, put)
    put(other, "another", "Another index.")
    assert would_be_lost(origin, goal) == 0  # empty
    copy(origin, goal)
    origin.forget("d00")
    put(origin, "d01", "Changed.")
    assert would_be_lost(origin, goal) == 0
    assert would_be_lost(other, goal) == 13
    copy(other, goal)
    assert would_be_lost(origin, goal) == 1
    assert (would_be_lost(other, goal), goal.settings["copy_of"]) == (0, other.settings["uuid"])
