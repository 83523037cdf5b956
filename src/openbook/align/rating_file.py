"""The file of a person's choices: each on the disk before the next is asked, gone on with after a kill, taken back."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from openbook.align.rating import Choice, choice_of, row_of
from openbook.errors import OpenbookError
from openbook.json_lines import MOST_BYTES, rows_of
from openbook.report.files import write_whole

MOST = 1_000_000
"""Lines of a file."""

_BEGINS = b'{"prompt": '
"""Every line that is written here."""


def kept_choices(path: Path) -> list[Choice]:
    """The choices of a file, none where there is none; pairs and ratings of other origins are passed over.

    A last line that was cut off is passed over too. Raises OpenbookError for any other line that is no object.
    """
    if not path.exists():
        return []
    _without_cut_line(path)
    return [choice for _, row in rows_of(path, MOST) if (choice := choice_of(row)) is not None]


def keep_choice(path: Path, choice: Choice) -> None:
    """Add one as a whole line. Raises OpenbookError where the disk does not let it."""
    line = json.dumps(row_of(choice), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(line)
    except OSError as error:
        raise OpenbookError(
            f"{path} cannot be written ({error.strerror or error}): make room, or name another"
        ) from error


def take_back(path: Path, wanted: Callable[[Choice], bool]) -> Choice | None:
    """Remove the last choice of these from the file, which is rewritten whole or not at all; None where there is none.

    All other lines stay as they are. Raises OpenbookError where the disk does not let it.
    """
    lines = _bytes(path).split(b"\n")
    for number in range(len(lines) - 1, -1, -1):
        choice = choice_of(_object(lines[number]))
        if choice is not None and wanted(choice):
            del lines[number]
            write_whole(path, b"\n".join(lines))
            return choice
    return None


def refuse_unwritable(path: Path) -> None:
    """Raises OpenbookError where no line can be added; what is made to see it is removed again."""
    folders = [folder for folder in path.parents if not folder.exists()]
    new = not path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except OSError as error:
        raise OpenbookError(f"{path} cannot be written ({error.strerror or error}): name another file") from error
    finally:
        with suppress(OSError):
            if new:
                path.unlink(missing_ok=True)
            for folder in folders:
                folder.rmdir()


def _without_cut_line(path: Path) -> None:
    """What a kill left of a line of ours is cut off; a whole last line without an end, as an editor leaves it, gets
    one.
    """
    try:
        with path.open("rb+") as file:
            data = file.read(MOST_BYTES + 1)
            last = data[data.rfind(b"\n") + 1 :]
            if len(data) > MOST_BYTES or not last:
                return
            if _object(last):
                file.write(b"\n")
            elif last.startswith(_BEGINS[: len(last)]):
                file.truncate(len(data) - len(last))
    except OSError as error:
        raise OpenbookError(f"{path} cannot be read and written: {error.strerror or error}") from error


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise OpenbookError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > MOST_BYTES:
        raise OpenbookError(f"{path} holds more than {MOST_BYTES:,} bytes: go on in another file")
    return data


def _object(line: bytes) -> dict[str, Any]:
    """Empty for what is none."""
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
