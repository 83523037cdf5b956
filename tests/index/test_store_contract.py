"""What every store must do, said once and held against each of them."""

import itertools
import sqlite3
import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from openbook.errors import IndexProblem
from openbook.index.open import open_store
from openbook.index.sqlite import SqliteStore
from openbook.protocols import Matrix, Store
from openbook.values import Chunk, Document, Hit, Span

Put = Callable[..., tuple[Document, list[Chunk], Matrix]]

FRUIT = ("Apples grow on trees.", "Pears are green and sweet.", "Bananas are yellow.")
STARS = ("The sun is a star.", "Mars is red.")


def texts(store: Store, hits: Sequence[Hit]) -> list[str]:
    return [passage.text for passage in store.passages([hit.chunk_id for hit in hits])]


def whole(store: Store, document: Document, chunks: Sequence[Chunk], vectors: Matrix) -> bool:
    """Whether the store serves this document, all of it and nothing else."""
    try:
        if store.document(document.id) != document:
            return False
    except IndexProblem:
        return False
    held, rows = store.contents(document.id)
    found = store.passages([hit.chunk_id for hit in store.nearest(np.ones(vectors.shape[1], np.float32), 1000)])
    return (
        list(held) == list(chunks)
        and np.allclose(rows, vectors, rtol=1e-3, atol=1e-6)
        and sorted(p.chunk.span for p in found) == [c.span for c in chunks]
        and all(p.text == p.chunk.span.of(document.text) and p.title == document.title for p in found)
    )


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


@pytest.mark.parametrize(
    "sentence",
    [
        "שלום עולם, מימין לשמאל",
        "مرحبا بالعالم",
        "e\u0301tude and \u00e9tude, n\u0303 and ñ",
        "👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 🇳🇱",
        "機械学習は楽しい。 한국어도 있습니다",
        "ﬁ ligature, ﷺ, \u202eoverride\u202c, zero\u200bwidth",
        "line\u2028separator and \x0c form feed \x1f unit separator",
        "quote ' double \" back \\ slash / percent % under _ { } $ ;",
    ],
)
def test_characters_of_every_kind_come_back(store: Store, put: Put, embedder: object, sentence: str) -> None:
    document, chunks, vectors = put(store, "any", "First.", sentence, "Last.", **{sentence: [sentence]})
    assert whole(store, document, chunks, vectors)
    assert sentence in texts(store, store.nearest(vectors[1], 3))
    word = max(sentence.split(), key=len)
    assert list(store.lexical(word, 5)) == [] or sentence in texts(store, store.lexical(word, 5))


@pytest.mark.parametrize("word", ["שלום", "مرحبا", "étude", "機械学習は楽しい", "привет", "naïve"])
def test_words_of_every_script_are_found(store: Store, put: Put, word: str) -> None:
    put(store, "any", "Nothing here.", f"Before {word} after.")
    assert texts(store, store.lexical(word, 5)) == [f"Before {word} after."]


def test_odd_headings_and_places_come_back(store: Store, embedder: object) -> None:
    text = "One. Two. Three."
    headings = [("A > B", 'quote " and \\', "漢字"), (), ("[1, 2]", "null", "' OR 1=1 --")]
    spans = [Span(0, 4), Span(5, 9), Span(10, 16)]
    chunks = [
        Chunk("odd", span, heading, f"página {n}\n\t§ \"'")
        for n, (span, heading) in enumerate(zip(spans, headings, strict=True))
    ]
    document = Document("odd", "/notes/odd", "Odd 'title' \"here\"", text, "2" * 64, {})
    store.replace(document, chunks, embedder(["One.", "Two.", "Three."]))
    assert list(store.contents("odd")[0]) == chunks
    assert [p.chunk for p in store.passages([h.chunk_id for h in store.lexical("two", 5)])] == [chunks[1]]


def test_words_of_the_headings_are_found(store: Store, put: Put) -> None:
    put(store, "geology", "It is hard.")
    assert texts(store, store.lexical("geology", 5)) == ["It is hard."]


def test_ids_with_quotes_are_ids(store: Store, put: Put) -> None:
    names = ["a'b", 'a"b', "a\\b", "a b or 1 == 1", "%", "a', 'b", ""]
    for name in names:
        put(store, name, f"This is {len(name)}.")
    assert {d.id for d in store.catalogue()} == set(names)
    store.forget("a b or 1 == 1")
    assert {d.id for d in store.catalogue()} == set(names) - {"a b or 1 == 1"}


def test_stems_and_accents_match(store: Store, put: Put) -> None:
    put(store, "any", "She was running home.", "The café is closed.", "Cars drive by.")
    assert texts(store, store.lexical("RUNS", 5)) == ["She was running home."]
    assert texts(store, store.lexical("cafe", 5)) == ["The café is closed."]
    assert texts(store, store.lexical("driving car", 5)) == ["Cars drive by."]


def test_better_matches_come_first(store: Store, put: Put) -> None:
    filler = [f"Sentence {n} of the filler text says little." for n in range(20)]
    put(store, "any", *filler, "Zebra.", "Zebra giraffe.", "A zebra stood beside the long road that day.")
    hits = store.lexical("zebra giraffe", 10)
    assert texts(store, hits)[:2] == ["Zebra giraffe.", "Zebra."]
    assert len(hits) == 3
    assert all(a.score >= b.score > 0 for a, b in itertools.pairwise(hits))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("NEAR(alpha beta, 2)", 2),
        ('"alpha', 1),
        ("alpha*", 1),
        ("alph*", 0),
        ("alpha AND gamma", 1),
        ("NOT beta", 1),
        ("heading: alpha", 1),
        ("{heading body}: alpha", 1),
        ("^alpha - beta + (", 2),
        ("alpha'; DROP TABLE words; --", 1),
        ('version not in [1] or key == "alpha"', 1),
        ("*", 0),
        ('"', 0),
        ("", 0),
        ("  \t\n", 0),
        ("\x00", 0),
        ("?!", 0),
    ],
)
def test_nothing_typed_is_an_operator(store: Store, put: Put, typed: str, found: int) -> None:
    put(store, "x", "It says alpha.", "It says beta.")
    assert len(store.lexical(typed, 10)) == found


def test_a_question_of_any_length(store: Store, put: Put) -> None:
    put(store, "any", "It says alpha.", "It says omega.")
    assert texts(store, store.lexical("alpha " + "filler " * 15_000, 5)) == ["It says alpha."]
    assert list(store.lexical("a" * 100_000, 5)) == []


def test_k(store: Store, put: Put, embedder: object) -> None:
    put(store, "fruit", *FRUIT)
    vector = embedder(["green pears"])[0]
    for ask in (lambda k: store.nearest(vector, k), lambda k: store.lexical("are", k)):
        assert list(ask(0)) == []
        assert len(ask(1)) == 1
        assert list(ask(10_000)) == list(ask(3))
        assert list(ask(1)) == list(ask(10_000))[:1]


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
