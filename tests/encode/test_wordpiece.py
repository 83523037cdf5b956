"""Token ids as the reference tokenizer gives them, and spans that always lie where the tokens stand."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.wordpiece import CHARACTERS_PER_TOKEN, WordPiece

PIECES = WordPiece(open_folder(SHIPPED))
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
WORDS = st.text(st.characters(exclude_categories=("Cs",), max_codepoint=0x2FFF), min_size=1, max_size=12)


def reference(window: int) -> Any:
    tokenizer = Tokenizer.from_file(str(Path(SHIPPED) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(window)
    return tokenizer


REFERENCE = reference(256)


@given(st.text(max_size=200))
def test_ids_are_those_of_the_released_tokenizer(text: str) -> None:
    assert PIECES.ids(text).tolist() == REFERENCE.encode(text).ids


@pytest.mark.parametrize("text", ["", "word " * 400, "unbelievably " * 100, "日本" * 300])
def test_long_and_empty_texts_are_cut_as_the_reference_cuts(text: str) -> None:
    ids = PIECES.ids(text).tolist()
    assert ids == REFERENCE.encode(text).ids
    assert len(ids) <= 256


def test_no_more_of_a_text_is_looked_at_than_the_window_can_need() -> None:
    limit = 256 * CHARACTERS_PER_TOKEN
    assert PIECES.ids(" " * limit + "word").tolist() == PIECES.ids("").tolist()
    assert PIECES.ids(" " * (limit - 4) + "word").tolist() == PIECES.ids("word").tolist()


@given(ANY_TEXT)
def test_spans_are_valid_for_any_text(text: str) -> None:
    spans = PIECES.spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)
    assert len(spans) == len(PIECES.ids(text)) - 2


@given(st.lists(st.from_regex(r"[a-z]{1,12}|[0-9]{1,5}|[.,;!?]", fullmatch=True), max_size=20))
def test_spans_of_plain_words_cover_every_character(words: list[str]) -> None:
    text = " ".join(words)
    covered = {position for start, end in PIECES.spans(text) for position in range(start, end)}
    assert covered == {position for position, character in enumerate(text) if character != " "}


def test_spans_count_code_points_not_bytes() -> None:
    text = "na\u00efve \U0001f600 caf\u00e9 \u65e5\u672c end"
    spans = PIECES.spans(text)
    assert [text[start:end] for start, end in spans][-3:] == ["\u65e5", "\u672c", "end"]
    assert text[spans[0][0] : spans[0][1]] == "na\u00efve"


def test_spans_are_not_cut_at_the_window() -> None:
    text = "word " * 1000
    assert PIECES.spans(text) == [(5 * index, 5 * index + 4) for index in range(1000)]


@given(st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n", "\t", "\r\n", "  "]))), st.integers(30, 60))
def test_working_in_pieces_changes_no_span(words: list[tuple[str, str]], piece: int) -> None:
    text = "".join(word + space for word, space in words)
    assert PIECES.spans(text, piece) == PIECES.spans(text, 1_000_000)


def test_a_word_longer_than_a_piece_is_still_covered() -> None:
    spans = PIECES.spans("x" * 130, piece=50)
    assert spans[0][0] == 0
    assert spans[-1][1] == 130
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
