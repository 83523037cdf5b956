"""A person's words never become FTS5 operators, and BM25 is the equation."""

import math
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.index.bm25 import bm25_by_the_equation
from openbook.index.words import MAX_WORDS, match_expression, words

OPERATORS = [
    "NEAR(a b, 2)",
    '"',
    "*",
    "a AND NOT b",
    "heading: x",
    "^a",
    "a + b",
    "{a b}: c",
    "(",
    "a OR",
    "-a",
    "'; DROP TABLE words",
]


@pytest.fixture
def table() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5 (body, tokenize='unicode61')")
    connection.execute("INSERT INTO words VALUES ('near and not or heading a b c x')")
    return connection


@pytest.mark.parametrize("typed", OPERATORS)
def test_operators_are_plain_words(table: sqlite3.Connection, typed: str) -> None:
    expression = match_expression(typed)
    if expression is not None:
        table.execute("SELECT * FROM words WHERE words MATCH ?", (expression,)).fetchall()
    assert expression is None or all(part.startswith('"') and part.endswith('"') for part in expression.split(" OR "))


@given(st.text(max_size=200))
def test_any_text_is_a_valid_query(typed: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5 (body)")
    expression = match_expression(typed.encode("utf-8", "replace").decode())
    rows = connection.execute("SELECT * FROM words WHERE words MATCH ?", (expression,)).fetchall() if expression else []
    assert rows == []


def test_function_words_stay_only_when_alone() -> None:
    assert words("What is the capital of France?") == ["capital", "france"]
    assert words("to be or not to be") == ["to", "be", "or", "not"]


def test_a_long_question_keeps_its_longest_words() -> None:
    many = [f"w{i:03}" for i in range(100)] + ["extraordinarily"]
    kept = words(" ".join(many))
    assert len(kept) == MAX_WORDS
    assert "extraordinarily" in kept


@given(
    st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=12), min_size=2, max_size=8),
    st.sets(st.sampled_from("abcdefg"), min_size=1, max_size=3),
)
def test_fts5_computes_the_equation(texts: list[list[str]], query: set[str]) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5 (body)")
    connection.executemany("INSERT INTO words VALUES (?)", [(" ".join(text),) for text in texts])
    expression = " OR ".join(f'"{word}"' for word in sorted(query))
    fts5 = dict(connection.execute("SELECT rowid - 1, -bm25(words) FROM words WHERE words MATCH ?", (expression,)))
    ours = bm25_by_the_equation(sorted(query), texts)
    for row, score in fts5.items():
        assert math.isclose(ours[row], score, rel_tol=1e-9, abs_tol=1e-12)
    assert all(ours[row] == 0 for row in range(len(texts)) if row not in fts5)
