"""Rows of probes in a file: read back to be measured, and written as they come, so that a run can be gone on with."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from openbook.cli.new_folder import refuse_far
from openbook.errors import OpenbookError
from openbook.evaluate.position.probe import Row
from openbook.evaluate.position.recorded import FIELDS, row_of
from openbook.json_lines import rows_of

MOST_ROWS = 500_000


def recorded(path: Path) -> tuple[list[Row], int]:
    """The rows of one kind of probe, and how many had no grade. Raises OpenbookError in one line for anything else."""
    if str(path) == "-":
        raise OpenbookError("recorded runs are read from a file, not from standard input: save them, and name the file")
    found: list[Row] = []
    unread = 0
    for number, record in rows_of(path, MOST_ROWS):
        if set(record) == {"run"}:
            continue
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
    return found, unread


@contextmanager
def saved(path: Path | None, run: str) -> Generator[tuple[list[Row], Callable[[Row], object]]]:
    """The rows that an earlier run of this digest left in the file, and what writes the next ones to it.

    Raises OpenbookError where the file holds another run, or cannot be written. Without a path nothing is kept.
    """
    if path is None:
        yield [], lambda _: None
        return
    refuse_far(path, "the rows")
    known = _of_run(path, run) if path.exists() else []
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            if path.stat().st_size == 0:
                file.write(json.dumps({"run": run}) + "\n")

            def write(row: Row) -> None:
                file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
                file.flush()

            yield known, write
    except OSError as error:
        raise OpenbookError(f"{path} cannot be written: {error.strerror or error}") from error


def _of_run(path: Path, run: str) -> list[Row]:
    """Whole rows only: what was cut off while it was written is cut away."""
    content = path.read_bytes() if path.is_file() and path.stat().st_size < 200_000_000 else b"?"
    whole = content[: content.rfind(b"\n") + 1]
    lines = whole.decode("utf-8", "replace").splitlines()
    if content and (not lines or lines[0] != json.dumps({"run": run})):
        raise OpenbookError(f"{path} holds no rows of this very run: name another file, or ask the same again")
    if whole != content:
        path.write_bytes(whole)
    return recorded(path)[0] if len(lines) > 1 else []
