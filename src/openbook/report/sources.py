"""What was measured: SHA-256 of files and folders, and the state of the git tree they came from."""

import hashlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from openbook.report.problems import ReportProblem

_MOST_FILES = 5_000


def digest(path: Path) -> str:
    """SHA-256, hex, of a file's bytes; of a folder's, over the relative path and digest of every file in it."""
    if path.is_dir():
        lines = "".join(f"{_file_digest(file)} {file.relative_to(path).as_posix()}\n" for file in _files_under(path))
        return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
    return _file_digest(path)


def digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of every file named, or under a folder named, relative to ``root``; in order of path.

    Hidden files and compiled Python are left out. Raises ReportProblem for a path that is missing or outside of root.
    """
    found: dict[str, str] = {}
    for name in paths:
        path = root / name
        if not path.resolve().is_relative_to(root.resolve()):
            raise ReportProblem(f"{name} lies outside of {root}: name measured code relative to the repository root")
        if not path.exists():
            raise ReportProblem(f"there is no {name} in {root}: name measured code relative to the repository root")
        for file in _files_under(path) if path.is_dir() else [path]:
            found[file.relative_to(root).as_posix()] = _file_digest(file)
    return dict(sorted(found.items()))


def git_state(root: Path, written: Path) -> tuple[str, str]:
    """The commit, and "clean" or "dirty"; ("", "unknown") without git or a repository.

    JSON files in the folder ``written``, where evidence goes, do not count: else every benchmark but the first of a
    run would find the tree dirty.
    """
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return "", "unknown"
    asked = ["status", "--porcelain", "--", "."]
    if written.resolve().is_relative_to(root.resolve()):
        folder = written.resolve().relative_to(root.resolve()).as_posix()
        asked.append(f":(exclude,glob){'' if folder == '.' else folder + '/'}*.json")
    changes = _git(root, *asked)
    return commit, "unknown" if changes is None else "dirty" if changes else "clean"


def _git(root: Path, *arguments: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}  # asking for the status must not write to the repository
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _files_under(folder: Path) -> list[Path]:
    files: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        files += [Path(parent, name) for name in names if not name.startswith(".") and not name.endswith(".pyc")]
        if len(files) > _MOST_FILES:
            raise ReportProblem(f"{folder} holds more than {_MOST_FILES:,} files: name the ones that were measured")
    return sorted(files)


def _file_digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise ReportProblem(f"cannot read {path}: {problem.strerror or problem}") from problem
