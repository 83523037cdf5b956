"""Text files become documents whose lines are the file's own lines."""

import hashlib
from pathlib import Path

import pytest

from openbook.documents import load, place

CASES = [
    ("notes.txt", "Plain words.\nSecond line.\n", "text", "notes.txt"),
    (
        "guide.md",
        "intro\n\n## The *guide* to [links](http://x.y/z) and `code`\n",
        "markdown",
        "The guide to links and code",
    ),
    ("front.md", "---\ntitle: unused\n---\n\nSetext title\n============\n", "markdown", "Setext title"),
    ("fenced.md", "```\n# no title\n```\n\n# A title #\n", "markdown", "A title"),
    ("manual.rst", "======\nManual\n======\n\nText.\n", "rst", "Manual"),
    ("module.py", "# a comment\nx = 1\n", "code", "module.py"),
    ("Makefile", "all:\n\techo x\n", "code", "Makefile"),
    ("script", "#!/bin/sh\necho\n", "code", "script"),
    ("table.csv", "a,b\n1,2\n", "data", "table.csv"),
    ("rows.jsonl", '{"a": 1}\n{"a": 2}\n', "data", "rows.jsonl"),
    ("settings.toml", "[a]\nb = 1\n", "data", "settings.toml"),
    ("unknown.xyz", "words\n", "text", "unknown.xyz"),
    ("LICENSE", "words\n", "text", "LICENSE"),
]


@pytest.mark.parametrize(("name", "content", "kind", "title"), CASES)
def test_each_kind_is_read_as_it_is(tmp_path: Path, name: str, content: str, kind: str, title: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    document = load(path)
    assert document.text == content
    assert document.title == title
    assert document.meta["kind"] == kind
    assert document.meta["encoding"] == "utf-8"
    assert document.meta["size"] == len(content)
    assert document.meta["mtime_ns"] == path.stat().st_mtime_ns
    assert document.uri == str(path)
    assert document.id == hashlib.sha256(str(path).encode()).hexdigest()[:16]
    assert document.sha256 == hashlib.sha256(content.encode()).hexdigest()


def test_relative_paths_name_the_same_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.txt").write_text("words")
    monkeypatch.chdir(tmp_path / "folder")
    assert load(Path("../a.txt")) == load(tmp_path / "a.txt")


def test_lines_of_the_text_are_lines_of_the_file_whatever_ends_them(tmp_path: Path) -> None:
    path = tmp_path / "mixed.txt"
    path.write_bytes(b"one\r\ntwo\rthree\nfour\x0bstill four\xe2\x80\xa8and still\r\nfive")
    document = load(path)
    assert document.text.split("\n") == ["one", "two", "three", "four\x0bstill four\u2028and still", "five"]
    assert place(document, document.text.index("five")) == "line 5"


def test_a_source_file_is_read_in_the_encoding_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "old.py"
    path.write_bytes("# coding: koi8-r\nприветствие = 'слово'\n".encode("koi8_r"))
    document = load(path)
    assert "приветствие = 'слово'" in document.text
    assert document.meta["encoding"] == "koi8-r"


def test_right_to_left_and_combining_characters_are_kept(tmp_path: Path) -> None:
    text = "שלום \u202bעולם\u202c e\u0301 a\u0308\u0323 🇩🇪 👩\u200d👩\u200d👧 नमस्ते\n"
    (tmp_path / "rtl.txt").write_text(text, encoding="utf-8")
    assert load(tmp_path / "rtl.txt").text == text


def test_a_title_is_one_bounded_line(tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text("# " + "word " * 50 + "\n")
    title = load(tmp_path / "long.md").title
    assert len(title) <= 200
    assert "\n" not in title
    assert title.startswith("word word")
