"""What any store promises of its search: words of every script, stems, order, and nothing typed is an operator."""

import itertools

import pytest
from store_samples import FRUIT, Put, texts, whole

from openbook.protocols import Store
from openbook.values import Chunk, Document, Span


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


def test_only_what_lies_within_is_found(store: Store, put: Put, embedder: object) -> None:
    for name in ("a/one", "a/two", "ab/three", "b/four"):
        put(store, name, f"Pears are green in {name}.", "Apples grow.")
    vector = embedder(["Pears are green."])[0]

    def found(k: int, *within: str) -> list[set[str]]:
        hits = (store.lexical("pears", k, within), store.nearest(vector, k, within))
        return [{p.uri for p in store.passages([hit.chunk_id for hit in some])} for some in hits]

    both = {"/notes/a/one.txt", "/notes/a/two.txt"}
    assert found(8, "/notes/a") == found(8, *both) == [both, both]
    assert found(8, "/notes/b", "/notes/ab") == [{"/notes/b/four.txt", "/notes/ab/three.txt"}] * 2
    assert found(1, "/notes/b/four.txt") == [{"/notes/b/four.txt"}] * 2  # filtered before k is cut
    assert found(8, "/nowhere") == [set(), set()]
    assert found(8, "/notes") == found(8, "/") == found(8)
