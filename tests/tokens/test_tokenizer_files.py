"""Files in and out: every format, what the libraries make of ours, and files that are none."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from token_samples import TEXTS
from tokenizers import Tokenizer as Library

from openbook.encode.folder import SHIPPED
from openbook.errors import OpenbookError
from openbook.tokens import Tokenizer, TokenProblem, load

PLAIN = [text.encode("utf-8", "replace").decode("utf-8") for text in TEXTS if "[" not in text]
GOOD: dict[str, Any] = {"model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1}, "unk_token": "[UNK]"}}


def test_what_is_saved_loads_again_and_elsewhere(bpe: Tokenizer, wordpiece: Tokenizer, tmp_path: Path) -> None:
    for tokenizer in (bpe, wordpiece):
        path = tmp_path / "deep" / f"{tokenizer.kind}.json"
        tokenizer.save(path)
        again, library = load(path), Library.from_file(str(path))
        assert (again.kind, again.size, len(again)) == (tokenizer.kind, tokenizer.size, len(tokenizer))
        for text in PLAIN:
            assert again.encode(text) == tokenizer.encode(text)
            found = library.encode(text, add_special_tokens=False)
            assert (found.ids, found.offsets) == (list(again.encode(text).ids), list(again.encode(text).offsets))
            assert library.decode(found.ids) == again.decode(found.ids)


def test_a_wordpiece_is_saved_with_berts_frame(wordpiece: Tokenizer, tmp_path: Path) -> None:
    wordpiece.save(tmp_path / "tokenizer.json")
    framed = Library.from_file(str(tmp_path / "tokenizer.json")).encode("one", "two")
    assert [framed.tokens[0], framed.tokens[-1]] == ["[CLS]", "[SEP]"]
    assert framed.tokens.count("[SEP]") == 2
    assert framed.type_ids[-1] == 1


@pytest.mark.slow
def test_transformers_reads_what_is_saved(bpe: Tokenizer, wordpiece: Tokenizer, tmp_path: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    for tokenizer in (bpe, wordpiece):
        path = tmp_path / f"{tokenizer.kind}.json"
        tokenizer.save(path)
        theirs = PreTrainedTokenizerFast(tokenizer_file=str(path))
        for text in PLAIN:
            assert theirs.encode(text, add_special_tokens=False) == list(tokenizer.encode(text).ids)


def test_a_file_with_truncation_and_padding_is_read_without_them() -> None:
    tokenizer = load(SHIPPED / "tokenizer.json")
    assert len(tokenizer.encode("word " * 1000)) == 1000
    assert tokenizer.definition["padding"] is None


def test_vocab_txt_and_tokenizer_json_of_one_vocabulary_agree(tmp_path: Path) -> None:
    shipped = load(SHIPPED / "tokenizer.json")
    vocab = shipped.definition["model"]["vocab"]
    lines = sorted(vocab, key=vocab.get)
    for ending in ("\n", "\r\n"):
        (tmp_path / "vocab.txt").write_bytes(ending.join([*lines, ""]).encode())
        listed = load(tmp_path)
        assert (listed.kind, listed.control) == ("WordPiece", shipped.control)
        for text in TEXTS:
            assert listed.encode(text) == shipped.encode(text)


def test_capitals_in_a_vocab_txt_make_it_cased(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("[UNK]\nThe\nthe\n##s\n", encoding="utf-8")
    assert load(path).encode("The thes").ids == (1, 2, 3)


def test_gpt2_files_and_tokenizer_json_of_one_vocabulary_agree(bpe: Tokenizer, tmp_path: Path) -> None:
    model = bpe.definition["model"]
    (tmp_path / "vocab.json").write_text(json.dumps(model["vocab"]), encoding="utf-8")
    merges = ["#version: 0.2", *(" ".join(pair) for pair in model["merges"]), ""]
    (tmp_path / "merges.txt").write_text("\n".join(merges), encoding="utf-8")
    for path in (tmp_path, tmp_path / "vocab.json", tmp_path / "merges.txt"):
        paired = load(path)
        assert paired.control == {"<|endoftext|>"}
        for text in TEXTS:
            assert paired.encode(text) == bpe.encode(text)


def test_old_files_are_read(bpe: Tokenizer, tmp_path: Path) -> None:
    definition = bpe.definition
    definition["model"]["merges"] = [" ".join(pair) for pair in definition["model"]["merges"]]
    del definition["model"]["type"]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(definition), encoding="utf-8")
    assert load(path).encode("an old house").ids == bpe.encode("an old house").ids


def test_a_definition_handed_out_is_a_copy(bpe: Tokenizer) -> None:
    before = bpe.encode("the same")
    bpe.definition["model"]["vocab"].clear()
    assert bpe.encode("the same") == before


@pytest.mark.parametrize("ids", [[10_000_000], [-1], [1.5], ["a"], [2**70]])
def test_decoding_what_is_no_id_is_said(bpe: Tokenizer, ids: list[Any]) -> None:
    with pytest.raises(TokenProblem, match="has no piece with id"):
        bpe.decode(ids)


def test_a_piece_that_is_not_there_is_said(bpe: Tokenizer) -> None:
    assert "no such piece" not in bpe
    with pytest.raises(TokenProblem, match="'no such piece'"):
        bpe.id_of("no such piece")


def changed(**model: Any) -> str:
    return json.dumps({"model": {**GOOD["model"], **model}})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.json", "", "neither tokenizer.json nor a vocab.txt"),
        ("t.json", "{", "not a tokenizer file"),
        ("t.json", "[1, 2]", "neither tokenizer.json nor a vocab.txt"),
        ("t.json", "{}", "has no model"),
        ("t.json", '{"model": 3, "x": "y"}', "has no model"),
        ("t.json", '{"model": {"vocab": NaN}}', "NaN is not a number"),
        ("t.json", '{"a": ' * 100_000, "nested too deeply"),
        ("t.json", '{"model": {"vocab": {"a": 0, "a": 1}}}', "'a' stands in it twice"),
        ("t.json", changed(vocab={}), "is empty"),
        ("t.json", changed(vocab={"a": 0}), "no piece '[UNK]'"),
        ("t.json", changed(vocab={"[UNK]": 0, "a": 0}), "the same id 0"),
        ("t.json", changed(vocab={"[UNK]": 0, "a": -1}), "has the id -1"),
        ("t.json", changed(vocab={"[UNK]": 0, "a": 10**12}), "has the id 1000000000000"),
        ("t.json", changed(vocab={"[UNK]": 0, "a": True}), "has the id True"),
        ("t.json", changed(vocab="abc"), "neither an object nor a list"),
        ("t.json", changed(vocab=[1, 2]), "not a list of pieces and scores"),
        ("t.json", changed(type="Nonsense"), "cannot be used"),
        ("t.json", changed(vocab={"[UNK]": 0, "\ud800": 1}), "not a tokenizer file"),
        ("t.json", json.dumps({**GOOD, "added_tokens": [{"id": "x"}]}), "added_tokens"),
        ("t.json", json.dumps({**GOOD, "added_tokens": 5}), "added_tokens"),
        ("t.json", json.dumps({**GOOD, "normalizer": {"type": "Nonsense"}}), "cannot be used"),
        ("t.json", json.dumps({**GOOD, "post_processor": {"type": "Sequence", "processors": 7}}), "cannot be used"),
        (
            "t.json",
            json.dumps({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]]}}),
            "cannot be used",
        ),
        ("t.json", json.dumps({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": 3}}), "not a list of pairs"),
        (
            "t.json",
            json.dumps({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a"], 5]}}),
            "not a list of pairs",
        ),
        ("vocab.txt", "the\nof\n", "neither tokenizer.json nor a vocab.txt"),
        ("vocab.txt", "[UNK]\nthe\nof\nthe\n", "line 4 of"),
        ("vocab.json", '{"a": 0}', "merges.txt cannot be read"),
        ("README.md", "# A page\n\nwith text\n", "neither tokenizer.json nor a vocab.txt"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, name: str, content: str, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8"))
    with pytest.raises(OpenbookError) as caught:
        load(path).encode("a [UNK] b")
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("merges", "said"), [("a b c d", "line 1 of the merges.txt"), ("zz top", "line 1 of"), ("", "lacks 256 of")]
)
def test_bad_gpt2_files_are_one_line(tmp_path: Path, merges: str, said: str) -> None:
    (tmp_path / "vocab.json").write_text('{"zz": 0, "to": 1}', encoding="utf-8")
    (tmp_path / "merges.txt").write_text(merges, encoding="utf-8")
    with pytest.raises(TokenProblem, match=said):
        load(tmp_path)


def test_what_is_no_readable_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    (tmp_path / "large").write_bytes(b"x" * 2000)
    monkeypatch.setattr(sys.modules["openbook.tokens.load"], "LARGEST_FILE", 1000)
    for name, said in (
        ("nothing", "cannot be read"),
        ("empty", "holds no tokenizer.json"),
        ("pipe", "not a regular file"),
        ("latin", "not UTF-8"),
        ("large", "it is no tokenizer file"),
    ):
        with pytest.raises(TokenProblem, match=said):
            load(tmp_path / name)


def test_a_failed_save_leaves_the_old_file(bpe: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("precious", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("openbook.report.files.os.fsync", full)
    with pytest.raises(OpenbookError, match="No space left"):
        bpe.save(path)
    assert path.read_text(encoding="utf-8") == "precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["tokenizer.json"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "truncation", "version")


@given(
    st.dictionaries(st.sampled_from(FIELDS), json_values),
    st.dictionaries(
        st.sampled_from(
            ("type", "vocab", "merges", "unk_token", "unk_id", "continuing_subword_prefix", "ignore_merges")
        ),
        json_values,
    ),
)
def test_any_json_is_a_tokenizer_or_one_line(outer: dict[str, Any], model: dict[str, Any]) -> None:
    said = ""
    try:
        tokenizer = Tokenizer({**GOOD, **outer, "model": {**GOOD["model"], **model}})
        tokenizer.decode(tokenizer.encode("a b").ids)
    except TokenProblem as problem:
        said = str(problem)
    assert len(said.splitlines()) < 2
