"""A person presses Ctrl-C: exit code 130, one line that says so, and nothing half done."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_openai import Reply, piece, serving

from openbook.compress.model_folder import write_model_folder


def test_ctrl_c_ends_a_command_with_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    with serving(Reply([piece("The"), 60.0])) as fake:
        process = subprocess.Popen(
            [sys.executable, "-m", "openbook", "generate", fake.url, "Who?"],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        ends = time.monotonic() + 60
        while not fake.asked and process.poll() is None and time.monotonic() < ends:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (130, "openbook: interrupted\n")


@pytest.mark.parametrize("former", [False, True])
def test_a_model_that_was_being_written_leaves_a_folder_that_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, former: bool
) -> None:
    folder = tmp_path / "model"
    if former:
        write_model_folder(folder, {"a": b"old", "b": b"old"}, {})
    calls = 0

    def synced(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", synced)
        with pytest.raises(KeyboardInterrupt):
            write_model_folder(folder, {"a": b"new", "b": b"new"}, {})
    left = {path.name for path in folder.iterdir()}
    assert left == ({"a", "b", "manifest.json"} if former else set())
