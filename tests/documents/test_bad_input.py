"""Whatever is wrong with a source, one clear line says what, and what to do."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pdf_writer import paragraph, pdf_file

from openbook.documents import Limits, chunk, load
from openbook.errors import MissingExtra, UnreadableSource


def refusal(path: Path, limits: Limits = Limits()) -> str:
    """What is said of the file, without its name."""
    with pytest.raises(UnreadableSource) as caught:
        load(path, limits)
    message = str(caught.value)
    assert "\n" not in message
    assert not message.endswith(".")
    return message


def test_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.txt") == f"there is no file {tmp_path}/no.txt: check the spelling"
    assert "check the path" in refusal(tmp_path / ("x" * 5000))
    assert "check the path" in refusal(Path("a\0b"))


def test_not_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refusal(tmp_path / "pipe")
    assert "not a regular file" in refusal(tmp_path)
    assert "not a regular file" in refusal(Path("/dev/zero"))
    (tmp_path / "loop").symlink_to("loop")
    assert "symbolic links" in refusal(tmp_path / "loop")


def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("words")

    def refuse(path: object, *_: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("openbook.documents.open_file.os.open", refuse)
    assert refusal(tmp_path / "a.txt").endswith(
        "cannot be opened (Permission denied): check the path and its permissions"
    )


def test_a_file_whose_size_says_nothing_is_bounded_all_the_same() -> None:
    assert "over the limit" in refusal(Path("/proc/self/maps"), Limits(max_bytes=10))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty: there is nothing to read"),
        (b" \n\t\r\n", "holds no text"),
        (b"\xef\xbb\xbf", "holds no text"),
        (bytes(1000), "binary, not text"),
        (bytes(range(256)) * 40, "binary, not text"),
        (b"\0\1\0\2\0\3" * 300, "binary, not text"),  # NULs where UTF-16 has them, but no characters
        (b"\xff\xfe" + b"\3\0\1\0" * 300, "binary, not text"),
        (b"PK\3\4" + b"words and words " * 60, "binary, not text"),
        (b"\x89PNG\r\n\x1a\n" + b"words and words " * 60, "binary, not text"),
        (b"\x1f\x8b\x08" + b"words and words " * 60, "binary, not text"),
        (b"GIF89a\x20\0\x20\0" + b"words and words " * 60, "binary, not text"),
        (b"RIFF\x24\x10\0\0WEBPVP8 " + b"words and words " * 60, "binary, not text"),
        (b"BZh11AY&SY" + b"words and words " * 60, "binary, not text"),
        (b"\0\x1c\0\x1d\0\x1e" * 300, "binary, not text"),
        (os.urandom(20_000), "binary, not text"),
        (b"MZ\x90\0\x03\0\0\0" * 100, "binary, not text"),
        (b"words" + b"\xff\xfe\xfd" * 100 + b"\0\1\2" * 50, "binary, not text"),
        ("\ufffd".encode() * 90 + b"words", "is binary, not text"),
    ],
)
def test_no_text(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert reason in refusal(path)


def test_binary_after_a_beginning_of_text(tmp_path: Path) -> None:
    path = tmp_path / "installer.run"
    path.write_bytes(b"#!/bin/sh\n" + b"echo words\n" * 2000 + os.urandom(400_000))
    assert "binary, not text" in refusal(path)


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "sparse.txt"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    assert refusal(path) == f"{path} has 200 MB, over the limit of 20 MB: split it"


def test_too_much_text(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("word " * 100)
    assert refusal(path, Limits(max_characters=100)) == f"{path} holds over 100 characters of text: split it"


def test_pdf_broken_encrypted_or_without_text(tmp_path: Path) -> None:
    whole = pdf_file([paragraph(["words"])])
    for name, content, reason in (
        ("broken.pdf", b"%PDF-1.7\nnot one", "is a broken PDF"),
        ("junk.pdf", os.urandom(5000), "is a broken PDF"),
        ("cut.pdf", whole[: len(whole) // 4], "is a broken PDF"),
        ("locked.pdf", pdf_file([paragraph(["words"])], encrypted=True), "is encrypted: save it without a password"),
        ("scan.pdf", pdf_file([[], []]), "holds no text: it may be a scan, run OCR on it first"),
    ):
        (tmp_path / name).write_bytes(content)
        assert reason in refusal(tmp_path / name)


def test_a_pdf_by_another_name_is_one(tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_bytes(pdf_file([paragraph(["printed words"])]))
    assert load(tmp_path / "paper.txt").text == "printed words"


@pytest.mark.parametrize("name", ["a.rtf", "a.doc", "a.ps"])
def test_formats_that_are_not_read_say_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{\\rtf1 words}")
    assert "not read" in refusal(tmp_path / name)


def test_names_are_shown_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "two\nlines\x1b[31m.txt"
    path.touch()
    message = refusal(path)
    assert "two\ufffdlines\ufffd[31m.txt" in message
    undecodable = tmp_path / os.fsdecode(b"caf\xe9.txt")
    undecodable.write_text("words")
    assert refusal(undecodable).endswith("caf\ufffd.txt is not valid Unicode: rename it")


def test_nul_surrogates_and_mixed_encodings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mixed.txt"
    path.write_bytes("Grüße. ".encode() * 20 + b"a\0b caf\xe9 \xed\xa0\x80 end. " + "日本。".encode())
    document = load(path)
    assert document.text == "Grüße. " * 20 + "a\ufffdb caf\ufffd \ufffd\ufffd\ufffd end. 日本。"
    pieces = chunk(document, lambda t: [(i, i + 1) for i in range(len(t))], 50)
    assert "".join("".join(c.span.of(document.text).split()) for c in pieces) == "".join(document.text.split())


@pytest.mark.parametrize(("name", "module", "feature"), [("a.pdf", "pypdfium2", "PDF"), ("a.docx", "docx", "Word")])
def test_without_the_extra_one_line_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str, feature: str
) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 or not")
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else found(name))
    with pytest.raises(MissingExtra, match=rf"{feature}.*pip install 'openbook\[docs\]'"):
        load(tmp_path / name)


def test_importing_the_room_loads_nothing_heavy() -> None:
    code = (
        "import sys, openbook.documents\n"
        "heavy = 'torch numpy pypdfium2 docx lxml selectolax markdown_it charset_normalizer ssl http.client'\n"
        "print([name for name in heavy.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reading_text_needs_no_child_and_no_parser(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Words here. And there.")
    code = (
        "import sys\nfrom pathlib import Path\nfrom openbook.documents import load, chunk\n"
        "d = load(Path(sys.argv[1]))\nchunk(d, lambda t: [(0, 1)], 9)\n"
        "print([n for n in ('subprocess', 'markdown_it', 'selectolax', 'charset_normalizer') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.txt")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
