"""Rows of probes in a file: read back to be measured, and written as they come, so that a run can be gone on with."""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from openbook.cli.new_folder import refuse_far
from openbook.errors import OpenbookError
from openbook.evaluate.position.probe import Row
from openbook.evaluate.position.recorded import FIELDS, is_graded, row_of
from openbook.json_lines import rows_of, shortened

MOST_ROWS = 500_000
_LARGEST = 200_000_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """rows: of one kind of probe. unread: how many had no result. graded: some had a grade from 1 to 10."""

    rows: list[Row]
    unread: int
    graded: bool


@dataclass(frozen=True, slots=True)
class Run:
    """digest: of all that decides the rows. about: who was asked what, for a person who finds the file."""

    digest: str
    about: str


def recorded(path: Path) -> Recorded:
    """Raises OpenbookError in one line for anything but rows of one kind of probe."""
    if str(path) == "-":
        raise OpenbookError("recorded runs are read from a file, not from standard input: save them, and name the file")
    found: list[Row] = []
    unread, graded = 0, False
    for number, record in rows_of(path, MOST_ROWS):
        if _is_head(record):
            continue
        graded = graded or is_graded(record)
        row = row_of(record, f"{path}:{number}")
        unread += row is None
        found += [row] if row is not None else []
    if not found:
        raise OpenbookError(f"{path} holds no recorded probe: each line needs {FIELDS}")
    kinds = sorted({row.kind for row in found})
    if len(kinds) > 1:
        raise OpenbookError(
            f"{path} holds probes of several kinds ({', '.join(kinds)}): keep each in a file of its own"
        )
    return Recorded(found, unread, graded)


@contextmanager
def saved(path: Path | None, run: Run) -> Generator[tuple[list[Row], Callable[[Row], object]]]:
    """The rows that an earlier run of this digest left in the file, and what writes the next ones to it.

    Raises OpenbookError where the file holds something else, and says what, or cannot be written. Without a path
    nothing is kept.
    """
    if path is None:
        yield [], lambda _: None
        return
    refuse_far(path, "the rows")
    known = _of_run(path, run) if path.exists() else []
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            if path.stat().st_size == 0:
                file.write(json.dumps({"run": run.digest, "of": run.about}) + "\n")

            def write(row: Row) -> None:
                file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
                file.flush()

            yield known, write
    except OSError as error:
        raise OpenbookError(f"{path} cannot be written: {error.strerror or error}") from error


def _of_run(path: Path, run: Run) -> list[Row]:
    """Whole rows only: what was cut off while it was written is cut away."""
    content = path.read_bytes() if path.is_file() and path.stat().st_size < _LARGEST else b"?"
    whole = content[: content.rfind(b"\n") + 1]
    lines = whole.decode("utf-8", "replace").splitlines()
    if content:
        _check_head(lines[0] if lines else content[:200].decode("utf-8", "replace"), path, run)
    if whole != content:
        path.write_bytes(whole)
    return recorded(path).rows if len(lines) > 1 else []


def _check_head(line: str, path: Path, run: Run) -> None:
    """Raises OpenbookError where the file does not begin as this run's does."""
    try:
        head: Any = json.loads(line)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict) or not _is_head(cast("dict[str, Any]", head)):
        raise OpenbookError(f"{path} is there and holds no saved run, but {shortened(line) or 'blanks'}: {_ANOTHER}")
    of, now = (shortened(str(each), 200) for each in (cast("dict[str, Any]", head).get("of", ""), run.about))
    if head["run"] != run.digest:
        other = "this run over other texts, or by other weights" if of == now else of or "another run"
        raise OpenbookError(f"{path} holds the rows of {other}; now asked: {now}: {_ANOTHER}")


_ANOTHER = "name another file with --save"


def _is_head(record: Mapping[str, Any]) -> bool:
    """The first line of a saved run; ``of`` is younger than ``run``."""
    return "run" in record and record.keys() <= {"run", "of"}
