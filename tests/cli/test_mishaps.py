"""What goes wrong around a command: each is one line that says what to do, or does no harm."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

RENT = "How much is the rent?"


@pytest.mark.parametrize("command", [("ask", RENT), ("search", RENT), ("status",), ("index",)])
def test_one_overwritten_byte_is_said_to_be_damage(run, notes: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    path = tmp_path / "mine.sqlite"
    run("index", str(notes), "--index", str(path))
    path.write_bytes(path.read_bytes().replace(b'"kind"', b'"k\xffnd"'))
    done = run(*command, str(notes), "--index", str(path))
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert f"{path} is damaged; build it again with `openbook index DIR --index {path} --rebuild`" in done.err


@pytest.mark.parametrize("command", ["ask - {notes}", "search - {notes}", "replay -"])
def test_closed_input_is_said(environment: dict[str, str], notes: Path, command: str) -> None:
    script = f"{sys.executable} -m openbook {command.format(notes=notes)} <&-"
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "standard input is closed" in done.stderr


def test_a_piped_question_that_is_no_utf8_is_read_as_far_as_it_is(environment: dict[str, str], notes: Path) -> None:
    command = [sys.executable, "-m", "openbook", "ask", "-", str(notes)]
    done = subprocess.run(command, input=b"How much is the rent\xff?", env=environment, capture_output=True, timeout=60)
    assert (done.returncode, b"950 euros" in done.stdout) == (0, True)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folder that one stands in")
def test_where_the_current_folder_is_gone_absolute_names_work(
    environment: dict[str, str], notes: Path, tmp_path: Path
) -> None:
    def there(*arguments: str) -> tuple[int, str]:
        (tmp_path / "gone").mkdir()
        command = shlex.join([sys.executable, "-m", "openbook", *arguments])
        script = f"cd {tmp_path / 'gone'} && rmdir ../gone && {command}"
        done = subprocess.run(
            ["bash", "-c", script],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout

    code, said = there("ask", RENT, str(notes))
    assert (code, "notes/lease.md:5" in said) == (0, True)
    assert there("search", RENT, str(notes))[0] == 0
    for arguments in (("ask", RENT), ("ask", RENT, str(notes), "--index", "mine.sqlite")):
        code, said = there(*arguments)
        assert (code, "the current folder is gone" in said, len(said.splitlines())) == (2, True, 1)


def test_the_line_of_a_file_that_changed_is_of_the_indexed_version(run, notes: Path) -> None:
    assert "when indexed" not in run("ask", RENT, str(notes)).out
    lease = notes / "lease.md"
    lease.write_text("One line.\n\n" + lease.read_text(encoding="utf-8"), encoding="utf-8")
    done = run("ask", RENT, str(notes))
    assert (done.code, "notes/lease.md:5 when indexed" in done.out) == (0, True)
    assert "notes/lease.md:5 when indexed" in run("search", RENT, str(notes)).out
    done = run("ask", RENT, str(notes), "--update")
    assert ("notes/lease.md:7" in done.out, "when indexed" in done.out) == (True, False)


def test_a_quote_that_is_not_found_again_is_counted_so(run, notes: Path) -> None:
    run("index", str(notes))
    (notes / "lease.md").unlink()
    assert "0 of 1 quotes found again" in run("ask", RENT, str(notes)).out


def test_a_renamed_file_is_counted_once(run, notes: Path) -> None:
    run("index", str(notes))
    (notes / "garden.txt").rename(notes / "trees.txt")
    assert "1 of 2 files is indexed: ask again with --update" in run("ask", RENT, str(notes)).err


def test_one_is_counted_as_one(run, notes: Path) -> None:
    (notes / "garden.txt").write_bytes(b"")
    (notes / "lease.md").write_text("The rent is 950 euros.", encoding="utf-8")
    assert "1 chunk written" in run("index", str(notes)).out
    done = run("status", str(notes))
    assert "1 document, 1 chunk, 22 characters" in done.out
    assert "1 file is left out" in done.out
