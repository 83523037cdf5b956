"""Files stay under their root, whatever a path says and whatever links stand there; nothing is lost unasked."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.agent.tool import BadArguments, ToolFailed
from openbook.agent.tools.files import file_tools
from openbook.agent.tools.under_root import names_of, read_under, write_under
from openbook.errors import OpenbookError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "root"
    (folder / "notes").mkdir(parents=True)
    (folder / "notes" / "a.txt").write_text("apple\n", encoding="utf-8")
    return folder


def test_a_file_is_read_and_a_new_one_written_with_its_folder(root: Path) -> None:
    read, write = file_tools(root)
    assert read.call(read.check({"path": "notes/a.txt"})) == "apple\n"
    assert "5 bytes" in str(write.call(write.check({"path": "new/deep/b.txt", "text": "pear\n"})))
    assert (root / "new/deep/b.txt").read_text() == "pear\n"
    assert sorted(p.name for p in (root / "new/deep").iterdir()) == ["b.txt"]


def test_what_is_there_is_lost_only_where_that_is_said(root: Path) -> None:
    with pytest.raises(ToolFailed, match="already"):
        write_under(root, "notes/a.txt", "x", overwrite=False)
    assert (root / "notes/a.txt").read_text() == "apple\n"
    write_under(root, "notes/a.txt", "x", overwrite=True)
    assert (root / "notes/a.txt").read_text() == "x"
    assert sorted(p.name for p in (root / "notes").iterdir()) == ["a.txt"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        " ",
        "/etc/passwd",
        "..",
        "../secret.txt",
        "notes/../../secret.txt",
        "notes/./a.txt",
        "./notes/a.txt",
        "notes//a.txt",
        "notes/",
        "~/x",
        "C:\\x",
        "c:x",
        "a\\..\\b",
        "a\0b",
        "a\nb",
        "\u202etxt.a",
        "x" * 256,
        "/".join("a" * 40),
        ".git/config",
        "notes/.env",
        "\ud800",
    ],
)
def test_paths_that_are_refused(root: Path, path: str) -> None:
    for attempt in (lambda: read_under(root, path), lambda: write_under(root, path, "x", overwrite=True)):
        with pytest.raises(BadArguments) as error:
            attempt()
        assert "\n" not in str(error.value)


@given(st.lists(st.sampled_from(["..", "a", "/", ".", "\0", "b.txt", "~", "\\"]), max_size=6))
def test_no_path_that_is_taken_has_a_step_upwards(pieces: list[str]) -> None:
    try:
        names = names_of("/".join(pieces))
    except BadArguments:
        return
    assert all(name not in ("", ".", "..") and "/" not in name for name in names)


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_links_pipes_and_devices_are_refused(root: Path) -> None:
    (root / "out.txt").symlink_to(root.parent / "secret.txt")
    (root / "up").symlink_to(root.parent)
    (root / "inner").symlink_to(root / "notes")
    os.mkfifo(root / "pipe")
    for path in ("out.txt", "up/secret.txt", "inner/a.txt", "pipe", "notes", "missing.txt", "notes/a.txt/x"):
        with pytest.raises(ToolFailed):
            read_under(root, path)
    for path in ("out.txt", "up/secret.txt", "up/new.txt", "inner/new.txt", "pipe", "notes", "notes/a.txt/x"):
        with pytest.raises(ToolFailed):
            write_under(root, path, "x", overwrite=True)
    assert (root.parent / "secret.txt").read_text() == "secret"
    assert not (root.parent / "new.txt").exists()


def test_what_is_large_or_no_text_is_refused(root: Path) -> None:
    (root / "big.txt").write_bytes(b"x" * 1_000_001)
    (root / "bytes.bin").write_bytes(b"\xff\xfe\x00")
    for path in ("big.txt", "bytes.bin"):
        with pytest.raises(ToolFailed):
            read_under(root, path)
    for text in ("x" * 1_000_001, "\ud800"):
        with pytest.raises(OpenbookError):
            write_under(root, "new.txt", text, overwrite=False)
    assert not (root / "new.txt").exists()


def test_only_the_request_chooses_a_path_and_whether_to_overwrite(root: Path) -> None:
    read, write = file_tools(root)
    assert read.capability.effects == {"reads"}
    assert not read.capability.content
    assert write.capability.effects == {"writes"}
    assert write.capability.content == {"text"}
