"""Where a command writes: a pipe that closes, a full disk, a terminal that a document tries to drive."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

RENT = "How much is the rent?"


def test_output_that_is_closed_is_said(environment: dict[str, str], notes: Path) -> None:
    script = f"{sys.executable} -m openbook ask rent {notes} >&-"
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_document_cannot_drive_the_terminal(run, notes: Path) -> None:
    (notes / "evil.txt").write_text("The rent \x1b[31mof the cellar\x1b[0m is 7 euros \u202eagain.", encoding="utf-8")
    done = run("search", "rent of the cellar", str(notes))
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out


def test_output_may_be_cut_off(environment: dict[str, str], notes: Path) -> None:
    (notes / "long.txt").write_text("\n\n".join(f"The rent of flat {n} is {n} euros. " * 9 for n in range(90)))
    search = f"search rent {notes}"
    commands = [f"{search} -k 1 --json", f"{search} -k 90 --json", f"{search} -k 90", "ask --help", "--version"]
    for command, reader in itertools.product(commands, ("true", "head -c 5")):
        script = f"{sys.executable} -m openbook {command} | {reader}; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
        assert (command, done.returncode, done.stderr) == (command, 0, "")


def test_a_cut_off_command_keeps_its_exit_code(environment: dict[str, str], notes: Path) -> None:
    for command, code in ((f"ask 'Who painted The Night Watch?' {notes}", 3), ("ask rent /nowhere/at/all", 2)):
        script = f"{sys.executable} -m openbook {command} 2>&1 | true; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


def test_names_cannot_drive_the_terminal(run, notes: Path) -> None:
    (notes / "e\x1b[31mvil\n.txt").write_text("The cat is called Ming.", encoding="utf-8")
    done = run("ask", "What is the cat called?", str(notes))
    assert "Ming" in done.out
    assert "\x1b" not in done.out + done.err
    assert "vil .txt:1" in done.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_said(environment: dict[str, str], notes: Path, unbuffered: str) -> None:
    environment = {**environment, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "openbook", "ask", RENT, str(notes), "--json"]
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert "could not be written" in done.stderr
