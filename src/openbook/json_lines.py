"""JSON objects from a file of anyone's, one a line, held to bounds while they are read."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from openbook.errors import OpenbookError

MOST_BYTES = 200_000_000
"""Unpacked."""

_LONGEST_LINE = 1_000_000


class BadData(OpenbookError):
    """Rows that cannot be read, or that nothing can be measured on."""


def rows_of(path: Path, most: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line's number, from 1, and its object; blank lines are passed over, a file ending in .gz is unpacked.

    Raises BadData for what is missing, broken, no object, or larger than ``most`` objects and ``MOST_BYTES``.
    """
    try:
        with path.open("rb") as file:
            plain = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if path.suffix == ".gz" else file
            yield from _objects(plain, path, most)
    except FileNotFoundError:
        raise BadData(f"there is no file {path}: check the spelling") from None
    except IsADirectoryError:
        raise BadData(f"{path} is a folder: name a file of JSON lines") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BadData(f"{path} is no whole gzip file: make it again, or drop the .gz from its name") from None
    except OSError as error:
        raise BadData(f"{path} cannot be read: {error.strerror or error}") from None


def _objects(file: BinaryIO, path: Path, most: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line's object with its number, held to the bounds while it is read, so that no file can fill the memory."""
    read, rows, number = 0, 0, 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        read += len(line)
        if len(line) > _LONGEST_LINE:
            raise BadData(
                f"{path}:{number} is longer than {_LONGEST_LINE:,} bytes, the most of a line: shorten it, or put one "
                "JSON object on each line if it holds several"
            )
        rows += bool(line.strip())
        if rows > most or read > MOST_BYTES:
            raise BadData(f"{path} holds more than {most:,} objects or {MOST_BYTES:,} bytes: pass a part of it")
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except UnicodeDecodeError:
            raise BadData(f"{path}:{number} is not UTF-8: convert the file, for example with iconv") from None
        except (ValueError, RecursionError):
            raise BadData(f"{path}:{number} is not JSON: put one object on each line") from None
        if not isinstance(row, dict):
            raise BadData(f"{path}:{number} is not a JSON object: put one on each line")
        yield number, cast("dict[str, Any]", row)


def shortened(text: str, most: int = 60) -> str:
    """On one line, printable, and cut: fit to stand in an error."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
