"""What came back to each question, kept one a line while the rest is asked, so that a run that was killed goes on.

A line is found again by a digest of the question, the index, the models and the settings: of another index or with
other settings, nothing is taken over.
"""

import json
from dataclasses import asdict
from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO

from openbook.cli.new_folder import refuse_far
from openbook.errors import OpenbookError
from openbook.evaluate.asked import Backing, Cited, Response
from openbook.json_lines import MOST_BYTES

HEAD = {"openbook": "answers kept by eval ask"}


def check_kept(path: Path) -> None:
    """Before the work: raises OpenbookError where the file is another's, or could not be written."""
    refuse_far(path, "the answers")
    if path.exists():
        kept_in(path)


def kept_in(path: Path) -> dict[str, Response]:
    """Responses by key; none where there is no file. A last line that was cut off is passed over."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OpenbookError(f"{path} cannot be read: {error.strerror or error}") from error
    lines = data.split(b"\n")[:-1]
    if data and (len(data) > MOST_BYTES or not lines or not _is_head(lines[0])):
        raise OpenbookError(f"{path} is there and holds no answers kept by eval ask: name another file")
    found: dict[str, Response] = {}
    for number, line in enumerate(lines[1:], start=2):
        try:
            row = json.loads(line)
            found[str(row["key"])] = _response(row["response"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise OpenbookError(f"{path}:{number} is no kept answer: remove that line, or name another file") from None
    return found


def keep(path: Path, key: str, question: str, response: Response) -> None:
    """Add one, whole; what an earlier run left of a line is cut off first."""
    row = json.dumps({"key": key, "question": question, "response": asdict(response)}) + "\n"
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("ab+") as file:
            size = _whole_lines(file)
            file.truncate(size)
            file.write((row if size else json.dumps(HEAD) + "\n" + row).encode())
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


def _is_head(line: bytes) -> bool:
    try:
        return json.loads(line) == HEAD
    except (ValueError, RecursionError):
        return False


def _response(raw: dict[str, Any]) -> Response:
    backing = raw["backing"]
    return Response(
        _share(raw["confidence"]),
        tuple(Cited(*(_text(c[name]) for name in ("quote", "uri", "place", "words"))) for c in raw["cited"]),
        float(raw["seconds"]),
        _rank(raw["file_rank"]),
        _rank(raw["quote_rank"]),
        None
        if backing is None
        else Backing(bool(backing["together"]), tuple(bool(each) for each in backing["precise"])),
        tuple(bool(each) for each in raw.get("drafted", ())),  # files from before models drafted have none
    )


def _share(value: Any) -> float:
    if not 0.0 <= float(value) <= 1.0:
        raise ValueError
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _rank(value: Any) -> int | None:
    if value is not None and int(value) < 1:
        raise ValueError
    return None if value is None else int(value)
