"""What happens to a text before its pieces: bytes as symbols, GPT-2's words, BERT's words."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from token_samples import TEXTS, assigned_text, settled
from tokenizers import normalizers, pre_tokenizers

from openbook.tokens import bert_text, byte_table, gpt2_split

GPT2 = pre_tokenizers.ByteLevel(add_prefix_space=False)


def well_formed(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def test_the_table_is_gpt2s() -> None:
    assert set(byte_table.ALPHABET) == set(pre_tokenizers.ByteLevel.alphabet())
    assert byte_table.to_symbols(" \n\u00e9") == "\u0120\u010a\u00c3\u00a9"


@given(st.text())
def test_symbols_give_the_text_back(text: str) -> None:
    symbols = byte_table.to_symbols(text)
    assert byte_table.to_text(symbols) == text
    assert len(symbols) == len(text.encode("utf-8"))


def test_part_of_a_character_is_a_replacement_character() -> None:
    assert byte_table.to_text("\u00c3") == "\ufffd"


@pytest.mark.parametrize("text", [well_formed(text) for text in TEXTS])
def test_samples_are_cut_as_the_library_cuts(text: str) -> None:
    check_words(text)


@given(assigned_text.map(well_formed))
def test_any_text_is_cut_as_the_library_cuts(text: str) -> None:
    check_words(text)


@given(st.text("a1'sl \n\t\u00a0!\u00e9", max_size=30))
def test_spaces_and_contractions_are_cut_as_the_library_cuts(text: str) -> None:
    check_words(text)


def check_words(text: str) -> None:
    spans = gpt2_split.spans(text)
    assert [byte_table.to_symbols(text[start:end]) for start, end in spans] == [
        word for word, _ in GPT2.pre_tokenize_str(text)
    ]
    assert all(left[1] == right[0] for left, right in pairwise(spans))
    assert not text or (spans[0][0], spans[-1][1]) == (0, len(text))


def test_words_keep_the_space_before_them() -> None:
    text = "I'll pay  12 euros!"
    words = [text[start:end] for start, end in gpt2_split.spans(text)]
    assert words == ["I", "'ll", " pay", " ", " 12", " euros", "!"]


def test_berts_words_by_hand() -> None:
    words = list(bert_text.words("It's Na\u00efve:\t\u4eca\u5929\0x"))
    assert [word.text for word in words] == ["it", "'", "s", "naive", ":", "\u4eca", "\u5929", "x"]
    assert words[3].places == (5, 6, 7, 8, 9)
    assert words[-1].places == (15,)


def test_accents_stay_where_capitals_do() -> None:
    assert [word.text for word in bert_text.words("\u00c9t\u00e9", lowercase=False)] == ["\u00c9t\u00e9"]


@pytest.mark.slow
def test_what_the_library_sees_otherwise_is_newer_than_its_tables() -> None:
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    assigned = [character for character in every if unicodedata.category(character) != "Cn"]
    other = [character for character in assigned if not settled(character)]
    assert len(other) < 1_000
    assert {unicodedata.category(character) for character in other} <= {*"Mn Mc Me Cf So Po Ps Pe Pd Pc Lm Lo".split()}
    assert not [character for character in other if character < "\u0600"]


def test_every_character_of_the_first_plane_folds_as_the_library_folds() -> None:
    normaliser = normalizers.BertNormalizer()
    for code in range(0x20, 0x600):
        folded = normaliser.normalize_str(f"a{chr(code)}b")[1:-1]
        assert bert_text.fold(chr(code)) == folded, hex(code)
