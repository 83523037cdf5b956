"""Steps end where the fast path ends, for every file they are shown for; others are refused in one line."""

import json
from typing import Any

import pytest
from hypothesis import given
from token_samples import TEXTS, assigned_text

from openbook.encode.folder import SHIPPED
from openbook.tokens import Tokenizer, TokenProblem, load
from openbook.tokens.steps import LONGEST, Matched, Merged, explain


def test_each_merge_is_shown(bpe: Tokenizer) -> None:
    (word,) = explain(bpe, "attention")
    assert isinstance(word, Merged)
    assert word.steps[0].symbols == tuple("attention")
    assert word.pieces == bpe.encode("attention").pieces
    assert [len(step.symbols) for step in word.steps] == list(range(9, 8 - len(word.steps) + 1, -1))
    assert all(step.rank is not None for step in word.steps[:-1])


def test_each_match_is_shown() -> None:
    first, second = explain(load(SHIPPED / "tokenizer.json"), "unhappily \u2603\u2603")
    assert isinstance(first, Matched)
    assert [match.tried[-1] for match in first.matches] == list(first.pieces) == ["un", "##ha", "##pp", "##ily"]
    assert first.matches[0].tried[0] == "unhappily"
    assert isinstance(second, Matched)
    assert (second.pieces, second.matches[-1].found) == (("[UNK]",), False)


@pytest.mark.parametrize("text", TEXTS)
def test_samples_end_where_the_fast_path_ends(bpe: Tokenizer, wordpiece: Tokenizer, text: str) -> None:
    for tokenizer in (bpe, wordpiece):
        pieces = [piece for word in explain(tokenizer, text) for piece in word.pieces]
        assert pieces == list(tokenizer.encode(text).pieces)


@given(text=assigned_text)
def test_any_text_ends_where_the_fast_path_ends(bpe: Tokenizer, wordpiece: Tokenizer, text: str) -> None:
    explain(bpe, text)
    explain(wordpiece, text)


def other(**model: Any) -> Tokenizer:
    vocab = {piece: number for number, piece in enumerate("<unk> <0xC3> <0xA9> a b ab ##b a</w> b</w> ab</w>".split())}
    return Tokenizer({"model": {"type": "BPE", "vocab": vocab, "merges": [["a", "b"]], **model}})


@pytest.mark.parametrize(
    ("model", "text", "pieces"),
    [
        ({}, "aab", ("a", "ab")),
        ({"byte_fallback": True}, "ab\u00e9", ("ab", "<0xC3>", "<0xA9>")),
        ({"unk_token": "<unk>"}, "a\u00e9b", ("a", "<unk>", "b")),
        ({"ignore_merges": True, "merges": []}, "ab", ("ab",)),
        ({"continuing_subword_prefix": "##", "merges": [["a", "##b"]]}, "ab", ("ab",)),
        ({"end_of_word_suffix": "</w>", "merges": [["a", "b</w>"]]}, "ab", ("ab</w>",)),
    ],
)
def test_the_options_of_other_files_are_followed(model: dict[str, Any], text: str, pieces: tuple[str, ...]) -> None:
    (word,) = explain(other(**model), text)
    assert word.pieces == pieces


def test_what_the_steps_do_not_follow_is_refused() -> None:
    with pytest.raises(TokenProblem, match="leave --steps out"):
        explain(other(unk_token="<unk>", fuse_unk=True), "\u00e9\u00e8")
    unigram = json.loads('{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["a", -1.0]]}}')
    with pytest.raises(TokenProblem, match="BPE and WordPiece"):
        explain(Tokenizer(unigram), "a")


def test_a_long_text_is_refused(bpe: Tokenizer) -> None:
    with pytest.raises(TokenProblem, match="characters at most"):
        explain(bpe, "a" * (LONGEST + 1))
