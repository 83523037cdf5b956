"""Results kept one a line while the rest is worked on, so that a run that was killed goes on where it was.

The first line says whose file it is. A last line that was cut off is passed over, and cut off before the next is added.
"""

import json
from collections.abc import Callable, Mapping
from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from openbook.errors import OpenbookError
from openbook.json_lines import MOST_BYTES

T = TypeVar("T")


def kept_lines(path: Path, head: str, what: str, read: Callable[[Mapping[str, Any]], T]) -> dict[str, T]:
    """What ``read`` makes of each row, by the row's key; none where there is no file.

    head: whose file it must be. what: one row, for errors. read may raise ValueError, KeyError, TypeError or
    AttributeError. Raises OpenbookError for another's file, and for a line that cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OpenbookError(f"{path} cannot be read: {error.strerror or error}") from error
    lines = data.split(b"\n")[:-1]
    if data and (len(data) > MOST_BYTES or not lines or not _is_head(lines[0], head)):
        raise OpenbookError(f"{path} is there and holds no {head}: name another file")
    found: dict[str, T] = {}
    for number, line in enumerate(lines[1:], start=2):
        try:
            row = json.loads(line)
            found[str(row["key"])] = read(row)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise OpenbookError(f"{path}:{number} is no {what}: remove that line, or name another file") from None
    return found


def keep_line(path: Path, head: str, row: Mapping[str, Any]) -> None:
    """Add a row, which has a key; what an earlier run left of a line is cut off first."""
    line = json.dumps(row) + "\n"
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("ab+") as file:
            size = _whole_lines(file)
            file.truncate(size)
            file.write((line if size else json.dumps({"openbook": head}) + "\n" + line).encode())
    except OSError as error:
        raise OpenbookError(
            f"{path} cannot be written ({error.strerror or error}): make room, or name another"
        ) from error


def _whole_lines(file: BinaryIO) -> int:
    """Bytes up to the last line end."""
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - 1))
    if size == 0 or file.read(1) == b"\n":
        return size
    file.seek(0)
    return file.read(MOST_BYTES).rfind(b"\n") + 1


def _is_head(line: bytes, head: str) -> bool:
    try:
        return json.loads(line) == {"openbook": head}
    except (ValueError, RecursionError):
        return False
