"""WordPiece to be read: cases by hand, and the library's trainer and encoder on every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from token_samples import LANGUAGES, TEXTS, settled, settled_text

from openbook.tokens import Tokenizer, train_wordpiece
from openbook.tokens.merges import by_count, by_likelihood
from openbook.tokens.wordpiece import SPECIAL, WordPieceModel, matches, train

VOCABULARY = {"[UNK]": 0, "un": 1, "unh": 2, "##happy": 3, "##app": 4, "##y": 5}


def reference_of(tokenizer: Tokenizer) -> WordPieceModel:
    definition = tokenizer.definition
    return WordPieceModel(definition["model"]["vocab"], definition["normalizer"]["lowercase"])


def test_the_longest_match_wins_though_another_is_shorter() -> None:
    assert WordPieceModel(VOCABULARY).cut("unhappy") == ("unh", "##app", "##y")
    first, *_ = matches("unhappy", VOCABULARY)
    assert (first.start, first.tried[0], first.tried[-1], first.found) == (0, "unhappy", "unh", True)


def test_one_place_without_a_match_makes_the_word_unknown() -> None:
    encoding = WordPieceModel(VOCABULARY).encode("unhappyx Un")
    assert encoding.pieces == ("[UNK]", "un")
    assert encoding.offsets == ((0, 8), (9, 11))


def test_the_likelihood_learns_other_pieces_than_the_count() -> None:
    texts = ["ten " * 6 + "hen " * 4 + "tin " * 5 + "quit " * 2]
    assert train(texts, 99, score=by_likelihood).pieces != train(texts, 99, score=by_count).pieces
    first = train(texts, len(SPECIAL) + 15, score=by_likelihood).merges[0]
    assert first == ("q", "##u")


@pytest.mark.parametrize("language", LANGUAGES)
def test_training_by_count_equals_the_fast_path(language: str) -> None:
    texts = ["".join(filter(settled, LANGUAGES[language]))] * 2
    fast = train_wordpiece(texts, 160).definition["model"]["vocab"]
    assert train(texts, 160, score=by_count).pieces == tuple(sorted(fast, key=fast.get))


@given(st.lists(st.text("abé x", min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=5))
def test_training_equals_the_fast_path_where_counts_tie(texts: list[str]) -> None:
    fast = train_wordpiece(texts, 60).definition["model"]["vocab"]
    assert train(texts, 60, score=by_count).pieces == tuple(sorted(fast, key=fast.get))


@pytest.mark.parametrize("text", TEXTS)
def test_samples_encode_as_the_fast_path_does(wordpiece: Tokenizer, text: str) -> None:
    plain = "".join(filter(settled, text))
    assert reference_of(wordpiece).encode(plain) == wordpiece.encode(plain)


@given(text=settled_text)
def test_any_text_encodes_as_the_fast_path_does(wordpiece: Tokenizer, text: str) -> None:
    assert reference_of(wordpiece).encode(text) == wordpiece.encode(text)


@given(text=settled_text)
def test_a_cased_vocabulary_too(cased: Tokenizer, text: str) -> None:
    assert reference_of(cased).encode(text) == cased.encode(text)


@pytest.fixture(scope="module")
def cased(corpus: list[str]) -> Tokenizer:
    return train_wordpiece(corpus, 1300, lowercase=False)


def test_offsets_are_places_in_the_text_as_it_was_written(wordpiece: Tokenizer) -> None:
    text = "\U0001f600 Die  BRU\u0308CKE"
    encoding = wordpiece.encode(text)
    assert encoding.pieces[0] == "[UNK]"
    assert text[slice(*encoding.offsets[0])] == "\U0001f600"
    assert "".join(text[start:end] for start, end in encoding.offsets) == text.replace(" ", "")


def test_a_word_over_a_hundred_characters_is_unknown(wordpiece: Tokenizer) -> None:
    assert wordpiece.encode("a" * 101).pieces == ("[UNK]",)
    assert "[UNK]" not in wordpiece.encode("a" * 100).pieces
