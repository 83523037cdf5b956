"""``openbook index --watch``: what changes while it looks on is taken up."""

import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

import pytest

LONGEST = 90.0
"""Seconds that a process may watch in a test."""


def watching(environment: dict[str, str], folder: Path, until: str = "watching") -> subprocess.Popen[str]:
    """``openbook index FOLDER --watch``, at the moment when it watches, or says what is waited for."""
    process = subprocess.Popen(
        [sys.executable, "-m", "openbook", "index", str(folder), "--watch"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background starts deaf to it
    )
    watchdog = threading.Timer(LONGEST, process.kill)  # what waits for a line that never comes reads the end instead
    watchdog.daemon = True
    watchdog.start()
    for line in process.stderr:
        if until in line:
            break
    return process


@pytest.mark.slow
def test_a_watched_folder_that_goes_is_waited_for(
    environment: dict[str, str], run, notes: Path, tmp_path: Path
) -> None:
    process = watching(environment, notes)
    said: list[str] = []

    def wait_for(part: str, stream: TextIO = process.stderr) -> None:
        for line in stream:
            said.append(line)
            if part in line:
                return
        pytest.fail(f"it ended without {part!r}: {said}")

    try:
        shutil.move(notes, tmp_path / "elsewhere")
        wait_for("is gone: what was indexed is kept")
        (tmp_path / "elsewhere" / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
        shutil.move(tmp_path / "elsewhere", notes)
        wait_for("1 added, 2 unchanged", process.stdout)
        for path in notes.iterdir():
            path.unlink()
        wait_for("3 removed", process.stdout)
        (notes / "cat.txt").write_text("The cat is called Tao.", encoding="utf-8")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and "Tao" not in run("ask", "What is the cat called?", str(notes)).out:
            time.sleep(0.2)
        assert "Tao" in run("ask", "What is the cat called?", str(notes)).out
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_an_empty_folder_is_watched_for_its_first_file(environment: dict[str, str], run, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    process = watching(environment, folder, until="inbox: waiting for one")
    try:
        assert next(process.stderr).startswith("watching for changes")
        (folder / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
        assert next(process.stdout).startswith("1 added")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert run("index", str(tmp_path / "gone"), "--watch").code == 2


@pytest.mark.slow
def test_watch_takes_up_changes(environment: dict[str, str], run, notes: Path) -> None:
    process = watching(environment, notes)
    try:
        (notes / "late.txt").write_text("The cellar is damp in April.", encoding="utf-8")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and run("ask", "When is the cellar damp?", str(notes)).code != 0:
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, "Traceback" in errors) == (0, False)
    assert "April" in run("ask", "When is the cellar damp?", str(notes)).out
