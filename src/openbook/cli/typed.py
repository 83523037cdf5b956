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
    return sys.stdin.read(MAX_PIPED) if question == "-" else question


def read_saved(name: str) -> bytes:
    """A file's bytes, or those of standard input for ``-``. Raises OpenbookError where there are too many, or none."""
    try:
        if name == "-":
            found = sys.stdin.buffer.read(MAX_SAVED + 1)
        else:
            with Path(name).open("rb") as file:
                found = file.read(MAX_SAVED + 1)
    except OSError as error:
        raise OpenbookError(f"{name} cannot be read: {error.strerror or error}") from error
    if len(found) > MAX_SAVED:
        raise OpenbookError(f"{name} is over {MAX_SAVED // 1_000_000} MB: it is not a saved answer")
    return found


def print_json(value: Any) -> None:
    """On standard output, all of it now: at the interpreter's end a full disk could not be said any more."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
    sys.stdout.flush()
