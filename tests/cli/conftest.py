"""A folder of documents, a cache folder of the test's own, and the command run in a process like a person's."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from scripted_judge import judge, model  # noqa: F401 - fixtures


@dataclass(frozen=True)
class Done:
    """Exit code, standard output and standard error of a finished command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "lease.md").write_text(
        "# Lease of 12 Mill Lane\n\n## Rent\n\nThe rent is 950 euros a month, due on the third working day.\n\n"
        "## Notice\n\nEither party may end the lease with a notice period of three months.\n",
        encoding="utf-8",
    )
    (folder / "garden.txt").write_text("The pear tree was planted in 1987 by the northern wall.\n", encoding="utf-8")
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    def go(*arguments: str, stdin: str = "", cwd: Path = tmp_path) -> Done:
        command = [sys.executable, "-m", "openbook", *arguments]
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=cwd,
            timeout=120,
        )
        assert "Traceback" not in done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return go
