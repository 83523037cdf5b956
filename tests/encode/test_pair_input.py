"""Question and passage as rows: every token of the passage is read, and stands where its offsets say."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.pair_input import QUESTION_TOKENS, ROW_TOKENS, pair_rows
from openbook.encode.wordpiece import WordPiece

TOKENS = WordPiece(open_folder(SHIPPED))


def test_a_short_pair_is_one_row_in_berts_order() -> None:
    (row,) = pair_rows(TOKENS, "Who sat?", "The cat sat.", ["Cats", "Sitting"])
    asked, passage = len(TOKENS.pieces("Who sat?", 9)[0]), len(TOKENS.pieces("The cat sat.", 9)[0])
    assert row.ids[0] == TOKENS.first
    assert row.ids[1 + asked] == TOKENS.last == row.ids[-1]
    assert row.kinds.tolist() == [0] * (asked + 2) + [1] * (len(row.ids) - asked - 2)
    assert row.begins + passage + 1 == len(row.ids)
    assert [("The cat sat."[start:end]) for start, end in row.offsets] == ["The", "cat", "sat", "."]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300), st.text(max_size=3000), st.lists(st.text(max_size=200), max_size=3))
def test_any_strings_make_rows_within_the_window(question: str, passage: str, heading: list[str]) -> None:
    for row in pair_rows(TOKENS, question, passage, heading):
        assert 3 <= len(row.ids) == len(row.kinds) <= ROW_TOKENS
        assert row.begins + len(row.offsets) + 1 == len(row.ids)
        assert all(0 <= start <= end <= len(passage) for start, end in row.offsets)


def test_a_long_passage_is_read_in_rows_that_overlap() -> None:
    passage = " ".join(f"word{n}" for n in range(600))
    rows = pair_rows(TOKENS, "which word?", passage)
    assert len(rows) > 2
    seen = sorted({span for row in rows for span in row.offsets})
    assert seen == TOKENS.spans(passage)[: len(seen)]
    assert seen[-1][1] == len(passage)
    assert all(set(a.offsets) & set(b.offsets) for a, b in pairwise(rows))


def test_a_book_for_a_question_or_a_passage_is_bounded() -> None:
    rows = pair_rows(TOKENS, "why " * 100_000, "because " * 1_000_000)
    assert len(rows) < 20
    assert rows[0].begins == QUESTION_TOKENS + 2
