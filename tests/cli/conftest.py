"""A folder of documents, a cache folder of the test's own, and the command run as a person runs it."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from unittest import mock

import pytest
from scripted_judge import judge, model  # noqa: F401 - fixtures

import openbook.__main__


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
    """The command within this process, from the console script's own start to its exit code: no second start of
    Python, torch and all the rest for each command."""

    def go(*arguments: str, stdin: str = "", cwd: Path = tmp_path) -> Done:
        typed, out, err = (io.TextIOWrapper(io.BytesIO(given), "utf-8") for given in (stdin.encode(), b"", b""))
        with pytest.MonkeyPatch.context() as patch, mock.patch.dict(os.environ, environment, clear=True):
            patch.setattr(sys, "argv", [str(openbook.__main__.__file__), *arguments])
            patch.setitem(sys.modules, "__main__", openbook.__main__)  # usage lines name the program by it
            for name, stream in (("stdin", typed), ("stdout", out), ("stderr", err)):
                patch.setattr(sys, name, stream)
            patch.chdir(cwd)
            with pytest.raises(SystemExit) as ended:
                openbook.__main__.main()
        said = []
        for stream in (out, err):
            stream.flush()
            said.append(cast("io.BytesIO", stream.buffer).getvalue().decode())
        assert "Traceback" not in said[1]
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, *said)

    return go


@pytest.fixture
def run_alone(tmp_path: Path, environment: dict[str, str]) -> Run:
    """The same in a process of its own, as a person's: once for each command, and where the process is what matters."""

    def go(*arguments: str, stdin: str = "", cwd: Path = tmp_path) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "openbook", *arguments],
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
