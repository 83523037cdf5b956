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
