"""Texts to tokens: files, JSON lines and folders read in order, characters by table as by tokenizer.json."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook import tokens
from openbook.train import texts
from openbook.train.characters import Characters, alphabet, tokenizer_json
from openbook.train.corpus import prepare
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Data


def read(path: Path, field: str = "text") -> list[str]:
    return ["".join(document) for document in texts.documents(path, field)]


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_text_file_is_one_document_line_ends_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("one\r\ntwo\u2028three\n".encode())
    assert read(tmp_path / "a.txt") == ["one\r\ntwo\u2028three\n"]


def test_json_lines_are_a_document_each_zipped_or_not(tmp_path: Path) -> None:
    content = lines({"text": "a\u2028b", "id": 1}, {"text": ""}) + "\n" + lines({"text": "c\n"})
    (tmp_path / "a.jsonl").write_text(content, encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(content.encode()))
    assert read(tmp_path / "a.jsonl") == read(tmp_path / "b.jsonl.gz") == ["a\u2028b", "", "c\n"]


def test_a_folder_is_read_in_the_order_of_names_without_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name, text in (("b.md", "B"), ("a.txt", "A"), ("deep/c.jsonl", lines({"text": "C"})), (".git", "no")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert read(tmp_path) == ["A", "B", "C"]


def test_a_long_text_comes_in_pieces_cut_after_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "PIECE", 10)
    (tmp_path / "a.txt").write_text("the first line\nthe second\nx", encoding="utf-8")
    (document,) = texts.documents(tmp_path / "a.txt", "text")
    assert list(document) == ["the first line\n", "the second\n", "x"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b'{"text": "x"}\n{"txt": "y"}\n', "line 2 of .* has no text in a field 'text'"),
        ("a.jsonl", b"[1]\n", "line 1 of .* has no text"),
        ("a.jsonl", b"nonsense\n", "line 1 of .* is not JSON"),
        ("a.txt", b"ab\xff", "is not UTF-8"),
        ("a.jsonl.gz", b"not gzip", "cannot read"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "x"}\n' * 9, mtime=0)[:-12], "cannot read"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TrainProblem, match=said) as refused:
        read(tmp_path / name)
    assert "\n" not in str(refused.value)
    with pytest.raises(TrainProblem, match=r"there is no .*data\.path"):
        read(tmp_path / "missing")


@given(st.text(min_size=1).filter(lambda text: text.encode("utf-8", "ignore").decode() == text))
def test_characters_by_table_are_those_of_the_tokenizer_file(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    characters = alphabet([text])
    path = tmp_path_factory.getbasetemp() / "tokenizer.json"
    path.write_text(tokenizer_json(characters, ["<|end|>"]), encoding="utf-8")
    tokenizer = tokens.load(path)
    ids = Characters(characters)(text)
    assert list(tokenizer.encode(text).ids) == ids.tolist()
    assert tokenizer.decode(ids.tolist()) == text
    assert tokenizer.size == len(characters) + 2
    assert tokenizer.id_of("<|end|>") == len(characters) + 1
    other = next(letter for letter in "abcdefghijklmnopqrstuvwxyz0123456789☂" if letter not in characters)
    assert list(tokenizer.encode(other).ids) == [tokenizer.id_of("<unk>")]


def test_a_character_without_a_piece_is_refused() -> None:
    with pytest.raises(TrainProblem, match="'z' is not in the vocabulary"):
        Characters(("a", "b"))("abz")
    with pytest.raises(TrainProblem, match="'A' is not in the vocabulary"):
        Characters(("a", "b"))("A")


def test_by_character_the_whole_text_comes_back(tmp_path: Path) -> None:
    text = "To be, or not to be:\nthat is the question — ☂\n" * 9
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    corpus = prepare(Data(str(tmp_path / "a.txt"), validation=0.25), tmp_path / "run")
    assert corpus.vocabulary == len(set(text)) + 1
    assert corpus.boundary == int(len(text) * 0.75)
    assert corpus.tokenizer is not None
    ids = corpus.shards.read(0, corpus.shards.tokens).tolist()
    assert tokens.load(corpus.tokenizer).decode(ids) == text


def test_documents_end_with_the_control_token_and_split_between_them(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines(*({"text": "ab" * 5} for _ in range(10))), encoding="utf-8")
    corpus = prepare(Data(str(tmp_path / "a.jsonl"), end="<|end|>", validation=0.25), tmp_path / "run")
    assert corpus.vocabulary == 4
    assert corpus.shards.read(0, 12).tolist() == [0, 1] * 5 + [3, 0]
    assert corpus.boundary == 8 * 11  # 0.75 of 110 tokens is 82; the next document begins at 88


def test_a_tokenizer_file_encodes_and_goes_with_the_run(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(tokenizer_json("abc", ["<|end|>"]), encoding="utf-8")
    (tmp_path / "a.txt").write_text("abcabc<|end|>"[:6], encoding="utf-8")
    data = Data(str(tmp_path / "a.txt"), tokenizer=str(tmp_path / "tokenizer.json"), end="<|end|>")
    corpus = prepare(data, tmp_path / "run")
    assert corpus.shards.read(0, corpus.shards.tokens).tolist() == [0, 1, 2, 0, 1, 2, 4]
    assert corpus.tokenizer == tmp_path / "run" / "tokenizer.json"
    again = prepare(Data(str(tmp_path / "run")), tmp_path / "other")
    assert again.shards.digest == corpus.shards.digest
    assert again.tokenizer == tmp_path / "run" / "tokenizer.json"


def test_shards_of_another_tokenizer_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abab", encoding="utf-8")
    prepare(Data(str(tmp_path / "a.txt")), tmp_path / "run")
    (tmp_path / "tokenizer.json").write_text(tokenizer_json("abcdef"), encoding="utf-8")
    with pytest.raises(TrainProblem, match=r"has 7 pieces and the shards at .* were made with 3"):
        prepare(Data(str(tmp_path / "run"), tokenizer=str(tmp_path / "tokenizer.json")), tmp_path / "other")


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_corpus_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(TrainProblem, match="no text in it"):
        prepare(Data(str(tmp_path / "a.jsonl")), tmp_path / "run")
    assert not (tmp_path / "run").exists()
