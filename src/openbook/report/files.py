"""A file is written whole or not at all: to a neighbour first, which then takes its place."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from openbook.report.problems import ReportProblem


def write_whole(path: Path, text: str | bytes) -> None:
    """Put ``text`` (UTF-8, line ends as they are) in the place of the file, keeping its permissions; make its folder.

    Whatever goes wrong, the file is as it was before.
    """
    target = path.resolve()  # a link stays a link
    try:
        content = text.encode("utf-8") if isinstance(text, str) else text
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except UnicodeEncodeError:
        raise ReportProblem(f"{path} would hold a character that cannot be written as UTF-8: remove it") from None
    except OSError as problem:
        raise ReportProblem(f"cannot write {path}: {problem.strerror or problem}") from problem
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        Path(name).replace(target)
    except BaseException as problem:
        with suppress(OSError):
            Path(name).unlink()
        if isinstance(problem, OSError):
            raise ReportProblem(f"cannot write {path}: {problem.strerror or problem}") from problem
        raise


def read_bounded(path: Path, limit: int) -> str:
    """The file's UTF-8 text with its line ends as they are; ReportProblem if missing, larger, or not UTF-8."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as problem:
        raise ReportProblem(f"cannot read {path}: {problem.strerror or problem}") from problem
    if len(content) > limit:
        raise ReportProblem(f"{path} is larger than {limit:,} bytes: it cannot be what is expected there")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ReportProblem(f"{path} is not UTF-8 text (byte {problem.start}): save it as UTF-8") from None
