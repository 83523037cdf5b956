"""A walk is complete, stable and safe, and says why it leaves out what it leaves out."""

import os
from pathlib import Path

import pytest

from openbook.documents import Limits, Skipped, walk
from openbook.errors import UnreadableSource


def reasons(root: Path, limits: Limits = Limits()) -> dict[str, str]:
    """Relative names to reasons; found files have none."""
    found = {}
    for entry in walk(root, limits):
        path, reason = (entry.path, entry.reason) if isinstance(entry, Skipped) else (entry, "")
        found[os.path.relpath(path, root)] = reason
    return found


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("words")


def test_files_come_depth_first_by_name_and_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "b.txt", "a/z.md", "a/b/c.py", "c", "B.txt", "a.txt")
    monkeypatch.chdir(tmp_path.parent)
    found = [str(p) for p in walk(Path(tmp_path.name)) if isinstance(p, Path)]
    assert found == [str(tmp_path / name) for name in ("B.txt", "a/b/c.py", "a/z.md", "a.txt", "b.txt", "c")]


def test_a_single_file_is_a_root(tmp_path: Path) -> None:
    write(tmp_path, ".hidden.txt")
    assert list(walk(tmp_path / ".hidden.txt")) == [tmp_path / ".hidden.txt"]


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert list(walk(tmp_path)) == []


def test_a_missing_root_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=r"there is no file or folder .*nowhere: check the spelling"):
        walk(tmp_path / "nowhere")
    with pytest.raises(UnreadableSource):
        walk(Path("a\0b"))


def test_hidden_binary_empty_large_and_foreign_files_are_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        ".git/config",
        ".env",
        "good.txt",
        "paper.rtf",
        "node_modules/x/readme.md",
        "venv/pyvenv.cfg",
        "venv/a.py",
    )
    write(tmp_path, "cache/a.txt")
    (tmp_path / "cache/CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "program").write_bytes(b"\x7fELF" + bytes(1000))
    (tmp_path / "lies.txt").write_bytes(bytes(range(256)) * 10)
    with (tmp_path / "sparse.txt").open("wb") as file:
        file.truncate(200_000_000)
    assert reasons(tmp_path) == {
        ".env": "hidden",
        ".git": "hidden",
        "cache": "a cache, as its CACHEDIR.TAG says",
        "empty.txt": "empty",
        "good.txt": "",
        "lies.txt": "binary, not text",
        "node_modules": "made by a tool, not written",
        "paper.rtf": "RTF is not read: save it as .docx or .txt",
        "picture.png": "binary, not text",
        "program": "binary, not text",
        "sparse.txt": "200 MB, over the limit of 20 MB",
        "venv": "a Python environment",
    }


def test_links_inside_are_followed_once_and_loops_and_ways_out_are_not(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, "a.txt", "folder/b.txt", ".data/real.txt", ".data/more/deep.txt")
    write(tmp_path, "outside/secret.txt")
    (root / "again.txt").symlink_to("a.txt")
    (root / "broken.txt").symlink_to("gone.txt")
    (root / "self.txt").symlink_to("self.txt")
    (root / "ping").symlink_to("pong")
    (root / "pong").symlink_to("ping")
    (root / "folder/up").symlink_to("..")
    (root / "folder/same").symlink_to(".")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "out.txt").symlink_to(tmp_path / "outside/secret.txt")
    (root / "kept.txt").symlink_to(".data/real.txt")  # as Kubernetes and git-annex lay their files out
    (root / "more").symlink_to(".data/more")
    (root / ".data/more/back").symlink_to(root)
    assert reasons(root) == {
        "a.txt": "",
        "folder/b.txt": "",
        "kept.txt": "",
        "more/deep.txt": "",
        "again.txt": "a link to what is read anyway",
        "broken.txt": "a link to nothing",
        "self.txt": "a link that leads back to itself",
        "ping": "a link that leads back to itself",
        "pong": "a link that leads back to itself",
        "folder/up": "a link to what is read anyway",
        "folder/same": "a link to what is read anyway",
        "more/back": "a link to what is read anyway",
        "out": "a link out of this folder",
        "out.txt": "a link out of this folder",
        ".data": "hidden",
    }


def test_a_root_that_is_a_link_is_followed(tmp_path: Path) -> None:
    write(tmp_path, "real/a.txt")
    (tmp_path / "link").symlink_to("real")
    assert list(walk(tmp_path / "link")) == [tmp_path / "link/a.txt"]


def test_pipes_and_sockets_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert reasons(tmp_path) == {"pipe.txt": "cannot be opened: not a regular file"}


def test_names_that_are_no_unicode_are_said_in_unicode(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("words")
    (skipped,) = walk(tmp_path)
    assert isinstance(skipped, Skipped)
    assert skipped == Skipped(tmp_path / "caf\ufffd.txt", "its name is not valid Unicode: rename it")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_what_may_not_be_opened_is_named(tmp_path: Path) -> None:
    write(tmp_path, "locked/a.txt", "b.txt")
    (tmp_path / "locked").chmod(0)
    (tmp_path / "b.txt").chmod(0)
    try:
        assert reasons(tmp_path) == {
            "locked": "cannot be opened: Permission denied",
            "b.txt": "cannot be opened: Permission denied",
        }
    finally:
        (tmp_path / "locked").chmod(0o700)


def test_what_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.txt", "folder/b.txt")

    def refuse(path: object, *_: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("openbook.documents.open_file.os.open", refuse)
    assert reasons(tmp_path) == dict.fromkeys(("a.txt", "folder/b.txt"), "cannot be opened: Permission denied")


def test_depth_and_number_are_bounded(tmp_path: Path) -> None:
    write(tmp_path, "1/2/3/4/deep.txt", "1/2/top.txt", *(f"many/{i:03}.txt" for i in range(50)))
    assert reasons(tmp_path / "1", Limits(max_depth=1)) == {"2/top.txt": "", "2/3": "nested deeper than 1 folders"}
    found = list(walk(tmp_path / "many", Limits(max_files=10)))
    assert len([p for p in found if isinstance(p, Path)]) == 10
    assert found[-1] == Skipped(tmp_path / "many", "holds more than 10 files, the rest is left out: choose a part")
    assert len(list(walk(tmp_path / "many", Limits(max_entries=5)))) <= 6


def test_folders_may_be_nested_deeper_than_recursion_goes(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(300):
        deep /= "d"
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text("words")
    assert list(walk(tmp_path, Limits(max_depth=1000))) == [deep / "a.txt"]


def test_a_known_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "known.txt").write_bytes(b"\0" * 100)
    assert not [entry for entry in walk(tmp_path) if isinstance(entry, Path)]
    path = tmp_path.resolve() / "known.txt"
    assert [entry for entry in walk(tmp_path, known={str(path)}) if isinstance(entry, Path)] == [path]
