"""How much of a text a tokenizer does not know, and the line that says so."""

from pathlib import Path

import pytest

from openbook.cli.compress_text import Sources, Unseen, warning
from openbook.errors import OpenbookError
from openbook.tokens import Tokenizer, train_bpe


def word_level() -> Tokenizer:
    model = {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "?": 2}, "unk_token": "?"}
    return Tokenizer(
        {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None, "model": model,
        }
    )  # fmt: skip


def share(tokenizer: Tokenizer, *texts: str) -> float:
    unseen = Unseen(tokenizer)
    for text in texts:
        unseen.add(text, tokenizer.ids_batch([text])[0])
    return unseen.share


def test_unknown_tokens_are_counted_over_all_texts() -> None:
    assert share(word_level(), "a b a", "c") == 0.25


def test_bytes_know_everything() -> None:
    assert share(train_bpe(["a few words"] * 4, 270), "über 漢字 \U0001f600") == 0


def test_without_an_unknown_token_lost_characters_are_counted() -> None:
    definition = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": None, "post_processor": None, "decoder": {"type": "Fuse"},
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []},
    }  # fmt: skip
    assert share(Tokenizer(definition), "abcd") == 0.5


def test_the_line() -> None:
    assert warning(0.0, "notes/") is None
    assert str(warning(0.25, "notes/")).startswith("25.0% of notes/ is unknown to the model's tokenizer: compare on")
    assert str(warning(1e-5, "notes/")).startswith("under 0.1% of notes/")


def test_without_a_handbook_the_next_step_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("openbook.__file__", str(tmp_path / "a" / "b" / "openbook" / "__init__.py"))
    with pytest.raises(OpenbookError, match="name your own text with --text"):
        list(Sources(()).texts())
