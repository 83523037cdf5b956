"""Chunks follow the structure, stay within the budget, and leave out nothing but headings."""

import re
from collections.abc import Sequence

import pytest

from openbook.documents import chunk, place, sentences
from openbook.values import Chunk, Document, Json, Span


def words(text: str) -> Sequence[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]


def document(text: str, kind: str = "markdown", **meta: Json) -> Document:
    return Document("id", "/x", "x", text, "", {"kind": kind, **meta})


def texts(doc: Document, chunks: Sequence[Chunk]) -> list[str]:
    return [c.span.of(doc.text) for c in chunks]


GUIDE = """# Guide

An opening paragraph. It has two sentences.

A second paragraph.

## Steps

1. First do this.
2. Then do that.

```python
x = 1

y = 2
```

## Empty

## Last

The end of it.
"""


def test_sections_are_chunks_with_their_path_and_place() -> None:
    doc = document(GUIDE)
    chunks = chunk(doc, words, 100)
    assert [(c.heading, c.place, c.span.of(GUIDE)) for c in chunks] == [
        (("Guide",), "line 3", "An opening paragraph. It has two sentences.\n\nA second paragraph."),
        (("Guide", "Steps"), "line 9", "1. First do this.\n2. Then do that.\n\n```python\nx = 1\n\ny = 2\n```"),
        (("Guide",), "line 18", "## Empty"),
        (("Guide", "Last"), "line 22", "The end of it."),
    ]
    assert all(c.document_id == "id" and c.place == place(doc, c.span.start) for c in chunks)


def test_paragraphs_are_whole_before_sentences_and_sentences_before_words() -> None:
    doc = document("One two three. Four five six.\n\nSeven eight nine ten.\n\n" + "word " * 20 + ".", "text")
    assert texts(doc, chunk(doc, words, 14)) == [
        "One two three. Four five six.\n\nSeven eight nine ten.",
        ("word " * 14).strip(),
        ("word " * 6 + "."),
    ]
    assert texts(doc, chunk(doc, words, 8)) == [
        "One two three. Four five six.",
        "Seven eight nine ten.",
        ("word " * 8).strip(),
        ("word " * 8).strip(),
        "word word word word .",
    ]
    assert texts(doc, chunk(doc, words, 5))[:3] == ["One two three.", "Four five six.", "Seven eight nine ten."]


def test_no_sentence_that_fits_is_cut() -> None:
    text = " ".join(f"Sentence number {n} has {'many ' * (n % 9)}words." for n in range(200))
    doc = document(text, "text")
    whole = set(sentences(text, Span(0, len(text))))
    for c in chunk(doc, words, 40):
        assert set(sentences(text, c.span)) <= whole


def test_tables_code_and_formulas_that_fit_are_not_cut() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |"
    code = "```\nf(1)\n\ng(2)\n```"
    formula = "$$\na = b\n+ c\n$$"
    text = f"Some words before it here.\n\n{table}\n\nSome words.\n\n{code}\n\nSome words.\n\n{formula}\n\nEnd."
    for budget in range(30, 60):
        found = texts(document(text), chunk(document(text), words, budget))
        for block in (table, code, formula):
            assert sum(block in piece for piece in found) == 1


def test_a_table_over_the_budget_is_cut_between_rows() -> None:
    text = "| a | b |\n|---|---|\n" + "\n".join(f"| {n} | row {n}. |" for n in range(30))
    for piece in texts(document(text), chunk(document(text), words, 40)):
        assert all(line.startswith("|") and line.endswith("|") for line in piece.split("\n"))


def test_code_is_cut_between_functions_then_paragraphs_then_lines() -> None:
    code = "\n\n".join(f"def f{n}(x):\n    y = x + {n}\n\n    return y" for n in range(6))
    doc = document(code, "code")
    functions = texts(doc, chunk(doc, words, 30))
    assert [piece.count("def ") for piece in functions] == [2, 2, 2]
    assert all(piece.startswith("def ") and piece.endswith("return y") for piece in functions)
    assert texts(doc, chunk(doc, words, 11))[:4] == [
        "def f0(x):\n    y = x + 0",
        "return y",
        "def f1(x):\n    y = x + 1",
        "return y",
    ]
    assert texts(doc, chunk(doc, words, 6))[:3] == ["def f0(x):", "y = x + 0", "return y"]


def test_a_paragraph_over_the_budget_begins_a_chunk_unless_little_stands_before_it() -> None:
    long = " ".join(["Five words are in here."] * 6)
    doc = document(f"Some six words before it stand.\n\n{long}", "text")
    assert texts(doc, chunk(doc, words, 20))[0] == "Some six words before it stand."
    doc = document(f"Two words.\n\n{long}", "text")
    assert texts(doc, chunk(doc, words, 20))[0] == "Two words.\n\nFive words are in here. Five words are in here."


def test_what_announces_a_list_stays_with_it() -> None:
    text = "A paragraph of some words.\n\nThe reasons are these:\n\n- one reason\n- another reason\n"
    doc = document(text)
    assert texts(doc, chunk(doc, words, 13)) == [
        "A paragraph of some words.",
        "The reasons are these:\n\n- one reason\n- another reason",
    ]


def test_a_word_over_the_budget_is_cut_and_accents_stay_with_their_letters() -> None:
    def letters(text: str) -> Sequence[tuple[int, int]]:
        return [(i, i + 1) for i, c in enumerate(text) if not c.isspace()]

    text = "e\u0301" * 50
    doc = document(text, "text")
    pieces = texts(doc, chunk(doc, letters, 7))
    assert "".join(pieces) == text
    assert all(piece.startswith("e") and len(piece) <= 7 for piece in pieces)


def test_text_with_few_tokens_is_still_bounded() -> None:
    blob = "QUJD" * 5_000
    for token_spans in (words, lambda _: []):
        pieces = texts(document(blob, "text"), chunk(document(blob, "text"), token_spans, 10))
        assert "".join(pieces) == blob
        assert max(map(len, pieces)) <= 320


def test_a_tokenizer_that_counts_blanks_and_beginnings_is_believed() -> None:
    def with_blanks(text: str) -> Sequence[tuple[int, int]]:
        """As byte-level BPE does: blanks are tokens of their own, and a text's first word is one more."""
        found = [match.span() for match in re.finditer(r" ?\w+| ?[^\w\s]+|\s", text)]
        return [*found[:1], *found] if text[:1].isalpha() else found

    text = "\n\n\n".join(f"Words {n} here.  And there. " * (n % 4) + "End." for n in range(50))
    for kind in ("text", "code"):
        doc = document(text, kind)
        for budget in range(5, 40):
            pieces = texts(doc, chunk(doc, with_blanks, budget))
            assert all(len(with_blanks(piece)) <= budget for piece in pieces)
            assert "".join("".join(pieces).split()) == "".join(text.split())


def test_only_a_character_of_more_tokens_may_be_over_the_budget() -> None:
    def as_bytes(text: str) -> Sequence[tuple[int, int]]:
        return [(i, i + 1) for i, c in enumerate(text) for _ in c.encode()]

    text = "a🙂b 日本"
    pieces = texts(document(text, "text"), chunk(document(text, "text"), as_bytes, 2))
    assert "".join(pieces) == "a🙂b日本"
    assert all(len(as_bytes(piece)) <= 2 or len(piece) == 1 for piece in pieces)


def test_pieces_given_to_the_tokenizer_are_bounded() -> None:
    longest = 0

    def watched(text: str) -> Sequence[tuple[int, int]]:
        nonlocal longest
        longest = max(longest, len(text))
        return words(text)

    for kind in ("text", "markdown", "code"):
        chunk(document("word " * 100_000 + "\n\n" + "x" * 100_000, kind), watched, 100)
    assert longest <= 100 * 32


def test_nothing_to_cut_and_no_budget() -> None:
    assert chunk(document("  \n\n "), words, 10) == []
    assert chunk(document(""), words, 10) == []
    with pytest.raises(ValueError, match="at least one token"):
        chunk(document("words"), words, 0)


def test_headings_alone_are_not_lost() -> None:
    doc = document("# A\n## B\n# C\n")
    assert [(c.heading, c.span.of(doc.text)) for c in chunk(doc, words, 10)] == [(("A",), "## B"), ((), "# C")]


def test_pages_of_a_pdf_are_told_apart() -> None:
    text = "\n\n".join(f"Page {n} says something." for n in range(5))
    starts = [m.start() for m in re.finditer("Page", text)]
    doc = document(text, "pdf", pages=list(starts))
    assert [c.place for c in chunk(doc, words, 5)] == ["page 1", "page 2", "page 3", "page 4", "page 5"]


@pytest.mark.parametrize("kind", ["text", "markdown", "rst", "code", "data", "html", "pdf"])
@pytest.mark.parametrize(
    "hostile",
    [
        "\n" * 100_000 + ")",
        "\n \n" * 50_000 + "x",
        " " * 300_000 + "x",
        "::" * 100_000 + "x",
        "{" * 100_000,
        "=\n" * 30_000,
    ],
    ids=lambda text: repr(text[:4]),
)
def test_hostile_text_of_any_kind_is_cut_in_linear_time(kind: str, hostile: str) -> None:
    doc = document(hostile, kind)
    found = "".join("".join(piece.split()) for piece in texts(doc, chunk(doc, words, 100)))
    assert found == "".join(hostile.split())


def test_a_megabyte_without_a_place_to_cut() -> None:
    for text in ("x" * 1_000_000, "x " * 60_000, "x\n" * 60_000, "x\n\n" * 30_000):
        doc = document(text, "text")
        chunks = chunk(doc, words, 200)
        assert sum(len("".join(p.split())) for p in texts(doc, chunks)) == text.count("x")
        assert len(chunks) <= 4 * len(text) / 200 + 1


def test_blanks_of_several_bytes_count_for_a_tokenizer_of_bytes() -> None:
    def by_bytes(text: str) -> list[tuple[int, int]]:
        return [(n, n + 1) for n, character in enumerate(text) for _ in character.encode()]

    text = "The\u2028\u2028Word"
    chunks = chunk(Document("id", "/x", "x", text, "", {"kind": "text"}), by_bytes, 11)
    assert [c.span.of(text) for c in chunks] == ["The", "Word"]
