"""Evidence files: every published figure with what it takes to run it again, and to see whether it still holds."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from openbook import __version__
from openbook.report import machine
from openbook.report.evidence_json import from_json, to_json
from openbook.report.files import read_bounded, write_whole
from openbook.report.problems import ReportProblem
from openbook.report.record import Evidence, Figure, check_names
from openbook.report.sources import digest, digests, git_state
from openbook.report.tables import Table

LARGEST = 4_000_000
"""Bytes of an evidence file: a benchmark's tables, not its raw data."""


def write(
    folder: Path,
    name: str,
    figures: Sequence[Figure],
    *,
    command: str,
    inputs: Mapping[str, Path],
    code: Sequence[str],
    seeds: Sequence[int],
    tables: Mapping[str, Table] | None = None,
    packages: Sequence[str] = ("numpy", "onnxruntime"),
    versions: Mapping[str, str] | None = None,
    note: str = "",
    root: Path | None = None,
) -> Path:
    """Write ``folder/name.json``, whole or not at all, and return its path.

    command: what anyone runs from the repository root to measure this again. inputs: a name for each input, and the
    file or folder it is; only the name and the SHA-256 are kept. code: the files and folders measured, relative to
    ``root`` (by default the folder that holds ``folder``). packages: those installed here whose versions matter;
    versions: of whatever ran elsewhere. Raises ReportProblem for what is missing, not finite, or named twice.
    """
    root = folder.resolve().parent if root is None else root
    commit, tree = git_state(root, folder)
    evidence = Evidence(
        name=name,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        commit=commit,
        tree=tree,
        machine=machine.in_words(),
        versions={
            "openbook": __version__,
            "python": platform.python_version(),
            **{package: _version(package) for package in packages},
            **(versions or {}),
        },
        seeds=tuple(int(seed) for seed in seeds),
        inputs={label: _input_digest(label, path) for label, path in inputs.items()},
        code=tuple(code),
        digests=digests(root, code),
        figures=tuple(figures),
        tables=dict(tables or {}),
        note=note,
    )
    check_names(evidence)
    path = folder / f"{name}.json"
    write_whole(path, to_json(evidence))
    return path


def read(path: Path) -> Evidence:
    """The evidence in a file. Raises ReportProblem if it is missing, too large, or not sound."""
    if not path.exists():
        raise ReportProblem(f"there is no {path}: run the benchmark that writes it")
    evidence = from_json(read_bounded(path, LARGEST), str(path))
    if evidence.name != path.stem:
        raise ReportProblem(f"{path} holds evidence named {evidence.name!r}: the file must be {evidence.name}.json")
    return evidence


def stale(path: Path, root: Path) -> list[str]:
    """The measured source files that changed, appeared or disappeared since; empty while the evidence holds."""
    evidence = read(path)
    present = [name for name in evidence.code if (root / name).exists()]
    now = digests(root, present)
    return sorted(name for name in now.keys() | evidence.digests.keys() if now.get(name) != evidence.digests.get(name))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        raise ReportProblem(f"{package} is not installed, so it has no version: leave it out of packages") from None


def _input_digest(label: str, path: Path) -> str:
    if not path.exists():
        raise ReportProblem(f"input {label!r} is not at {path}: pass the file or folder that was read")
    return digest(path)
