"""What was typed or piped in, and JSON out."""

import json
import sys
from pathlib import Path
from typing import Any

from openbook.errors import OpenbookError

MAX_PIPED = 1_000_000
MAX_SAVED = 50_000_000


def read_question(question: str) -> str:
    """The question itself, or standard input for ``-``; only so much of it as could be a question."""
    return piped(MAX_PIPED).decode("utf-8", "replace") if question == "-" else question


def read_saved(name: str) -> bytes:
    """A file's bytes, or those of standard input for ``-``. Raises OpenbookError where there are too many, or none."""
    found = piped(MAX_SAVED + 1) if name == "-" else _start_of(Path(name), MAX_SAVED + 1)
    if len(found) > MAX_SAVED:
        raise OpenbookError(f"{name} is over {MAX_SAVED // 1_000_000} MB: it is not a saved answer")
    return found


def _start_of(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise OpenbookError(f"{path} cannot be read: {error.strerror or error}") from error


def piped(most: int) -> bytes:
    """So many bytes of standard input. Raises OpenbookError where there is none, or none that can be read."""
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]  # closed, as by `<&-`
        raise OpenbookError("standard input is closed, so nothing can be read from it: pipe something in")
    try:
        return sys.stdin.buffer.read(most)
    except OSError as error:
        raise OpenbookError(f"standard input cannot be read: {error.strerror or error}") from error


def print_json(value: Any) -> None:
    """On standard output, all of it now: at the interpreter's end a full disk could not be said any more."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    if any("\ud800" <= character <= "\udfff" for character in text):  # half a character has no UTF-8
        text = json.dumps(value, indent=2)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
