"""Widths as terminals draw them (rich's counts are the reference), and text that fits whatever it holds."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from openbook.report.characters import padded, shortened, shown, width, wrapped

# Scripts whose columns all terminals agree on.
ALPHABET = "abc XYZ 09 éß ñ Жя אב 日本語 한국 ｆｗ … — “ ” e\u0301 o\u0308 क\u094d \u200b 👍 🚒"


@given(st.text(st.sampled_from(ALPHABET)))
def test_widths_equal_richs(text: str) -> None:
    assert width(text) == cell_len(text)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("한", 2), ("\u1112\u1161\u11ab", 2), ("👩\u200d🚒", 2), ("👍🏽", 2), ("❤\ufe0f", 2), ("❤", 1), ("", 0)],
)
def test_what_is_drawn_as_one_character_counts_as_one(text: str, columns: int) -> None:
    assert width(text) == columns == cell_len(text)


@given(st.text())
def test_nothing_shown_can_move_the_cursor_or_break_the_line(text: str) -> None:
    line = shown(text)
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in line)
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")
    line.encode("utf-8")
    assert shown(line) == line


def test_escape_sequences_lose_their_escape() -> None:
    assert shown("\x1b[31mred\x1b[0m\r\n  two\u2028lines ") == "\ufffd[31mred\ufffd[0m two lines"
    assert shown("\ud800a\u202eb") == "\ufffda\ufffdb"


@given(st.text().map(shown), st.integers(1, 40))
def test_a_shortened_text_fits_and_begins_as_the_whole(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert width(short) <= limit
    assert short == text if width(text) <= limit else text.startswith(short.removesuffix("…"))


@given(st.text().map(shown), st.integers(2, 40))
def test_wrapping_keeps_every_character_in_order(text: str, limit: int) -> None:
    lines = wrapped(text, limit)
    assert lines
    assert all(width(line) <= limit for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("name", "limit", "lines"),
    [
        ("llama-2-13b-chat-hf", 18, ["llama-2-13b-chat-", "hf"]),
        ("http://127.0.0.1:8080/v1#qwen", 12, ["http://127.", "0.0.1:8080/", "v1#qwen"]),
        ("a-reallyverylongname", 10, ["a-reallyve", "rylongname"]),  # a joint that would leave most of a line empty
        ("nojointsatall", 5, ["nojoi", "ntsat", "all"]),
        ("我-的-模型", 6, ["我-的-", "模型"]),
    ],
)
def test_a_long_name_is_folded_at_a_joint(name: str, limit: int, lines: list[str]) -> None:
    assert wrapped(name, limit) == lines


@given(st.text().map(shown), st.integers(2, 40), st.integers(1, 5))
def test_wrapping_into_few_lines_says_what_is_left_out(text: str, limit: int, count: int) -> None:
    lines = wrapped(text, limit, count)
    assert len(lines) <= count
    assert all(width(line) <= limit for line in lines)
    if len(wrapped(text, limit)) > count:
        assert lines[-1].endswith("…")


def test_marks_stay_with_their_letters_and_words_together() -> None:
    assert wrapped("e\u0301e\u0301e\u0301", 2) == ["e\u0301e\u0301", "e\u0301"]
    assert wrapped("日本語", 3) == ["日", "本", "語"]
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("a incomprehensibilities b", 8) == ["a", "incompre", "hensibil", "ities b"]
    assert wrapped("one two three four", 9, 1) == ["one two…"]


def test_padding_counts_columns() -> None:
    assert padded("日", 5, "right") == "   日"
    assert padded("日", 5, "left") == "日   "
    assert padded("日", 5, "center") == " 日  "
    assert padded("too long", 3, "right") == "too long"
