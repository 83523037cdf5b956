"""How large an installation is, and how soon the command answers.

A fresh virtual environment with the base package (no extras), measured as its files on disk without pip itself; then
``openbook --version`` and a warm ``openbook ask`` over the handbook, medians of new processes.
Writes evidence/footprint.json. Run: python -m benchmarks.footprint
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish
from openbook.report.record import Figure
from openbook.report.tables import Table

RUNS = 9
QUESTION = "How does LoRA save memory?"


@dataclass(frozen=True, slots=True)
class Footprint:
    """megabytes: installed, models included, 10^6 bytes. The rest in seconds, medians."""

    megabytes: float
    version: float
    ask: float


def measure() -> Footprint:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv = folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        before = _size(venv)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile"]
        subprocess.run([*pip, "--constraint", str(ROOT / "constraints.txt"), str(ROOT)], check=True)
        megabytes = (_size(venv) - before) / 1e6
        command = str(venv / "bin" / "openbook")
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
        asking = [command, "ask", QUESTION, str(ROOT / "handbook")]
        subprocess.run(asking, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return Footprint(megabytes, _median([command, "--version"], environment), _median(asking, environment))


def _median(command: list[str], environment: dict[str, str]) -> float:
    times: list[float] = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def main() -> None:
    found = measure()
    figures = [
        Figure("installed", found.megabytes, "MB", text=f"{found.megabytes:.0f} MB"),
        Figure("version", found.version, "s", text=f"{found.version:.2f} s"),
        Figure("ask", found.ask, "s", text=f"{found.ask:.2f} s"),
    ]
    rows = (
        ("installed size, models included", f"{found.megabytes:.0f} MB"),
        ("openbook --version", f"{found.version:.2f} s"),
        ("openbook ask, handbook already indexed", f"{found.ask:.2f} s"),
    )
    note = (
        f"A fresh environment without extras, sources only (no compiled .pyc). Times: new processes, medians of {RUNS}."
    )
    tables = {"footprint": Table("Footprint", columns("", "measured"), rows, note)}
    publish("footprint", figures, tables, data=["handbook"], code=["src/openbook", "pyproject.toml", "constraints.txt"])


if __name__ == "__main__":
    main()
