"""Texts out of files, one document at a time: plain text, and a field of JSON lines, gzipped or not.

A text larger than a piece is handed on in pieces, cut after a line, so that no file needs to fit in memory.
"""

import gzip
import io
import json
import zlib
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import IO, Any, cast

from openbook.train.problems import TrainProblem

PIECE = 2**20
"""Characters of a document that are encoded together."""
_LONGEST_LINE = 2**28

Document = Iterable[str]
"""A document as its pieces, in order."""


def documents(path: Path, field: str) -> Generator[Document]:
    """Every document of a file, or of all the files below a folder, in the order of their names.

    .jsonl and .jsonl.gz: one document a line, its ``field``; whatever else: the whole file is one, as UTF-8. A
    document's pieces must be taken before the next document. Raises TrainProblem for what cannot be read.
    """
    if not path.exists():
        raise TrainProblem(
            f"there is no {path}: set data.path=PATH to a text file, a .jsonl file, a folder or "
            "token shards; the first lines of the recipe say what it expects"
        )
    for file in files_of(path):
        try:
            if file.name.endswith((".jsonl", ".jsonl.gz")):
                yield from _json_lines(file, field)
            else:
                yield _pieces(file)
        except (OSError, EOFError, zlib.error) as error:
            raise _unreadable(file, error) from error


def files_of(path: Path) -> list[Path]:
    """The file itself, or the files below a folder that are not hidden, by name."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and not _hidden(file, path))


def _hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)


def _pieces(file: Path) -> Generator[str]:
    try:
        with _opened(file) as text:
            yield from _cut(text)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise _unreadable(file, error) from error


def _cut(text: IO[str]) -> Generator[str]:
    while piece := text.read(PIECE):
        # to the end of the line: a cut inside a word would be learnt
        yield piece + (text.readline(PIECE) if len(piece) == PIECE else "")


def _json_lines(file: Path, field: str) -> Generator[Document]:
    with _opened(file) as lines:
        number = 0
        while line := _line(lines, file):
            number += 1
            if line.isspace():
                continue
            try:
                row: Any = json.loads(line)
            except (ValueError, RecursionError):
                raise TrainProblem(f"line {number} of {file} is not JSON: mend or remove it") from None
            text = cast("dict[str, object]", row).get(field) if isinstance(row, dict) else None
            if not isinstance(text, str):
                raise TrainProblem(f"line {number} of {file} has no text in a field {field!r}: set data.field")
            yield _cut(io.StringIO(text, newline=""))


def _line(lines: IO[str], file: Path) -> str:
    try:
        line = lines.readline(_LONGEST_LINE)
    except UnicodeDecodeError as error:
        raise _unreadable(file, error) from error
    if len(line) == _LONGEST_LINE:
        raise TrainProblem(f"{file} has a line of over {_LONGEST_LINE:,} characters: it cannot be JSON lines")
    return line


def _opened(file: Path) -> IO[str]:
    if file.name.endswith(".gz"):
        return gzip.open(file, "rt", encoding="utf-8", newline="")
    return file.open(encoding="utf-8", newline="")


def _unreadable(file: Path, error: Exception) -> TrainProblem:
    if isinstance(error, UnicodeDecodeError):
        return TrainProblem(f"{file} is not UTF-8 text (byte {error.start}): save it as UTF-8, or leave it out")
    return TrainProblem(f"cannot read {file}: {getattr(error, 'strerror', None) or error}")
