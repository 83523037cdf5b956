"""A corpus as a stream of texts, each with the group it is reported under: folders, files, pages, JSON lines.

Documents are read as ``openbook ask`` reads them, one at a time. JSON lines (``text``, and ``language`` if there is
one) and plain text too large for one document are read piece by piece: a corpus may be larger than memory.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from openbook.documents import Limits, Skipped, fetch, load, walk
from openbook.documents.open_file import open_regular
from openbook.errors import OpenbookError
from openbook.tokens.problems import TokenProblem

LONGEST_LINE = 20_000_000
"""Bytes of one line of JSON."""

_BLOCK = 1 << 20
_LANGUAGE = ("language", "lang")
_LONGEST_GROUP = 40


@dataclass(frozen=True, slots=True)
class Text:
    """group: a language, a file or folder, as it is to be named."""

    group: str
    text: str


def read(
    sources: Sequence[str], *, limits: Limits = Limits(), skip: Callable[[str], None] = lambda _: None
) -> Iterator[Text]:
    """Every text of the sources (paths, URLs), in order. skip: told each file that is left out, and why.

    The group is the language that a line states; else of one folder its files and folders, of several sources each.
    Raises UnreadableSource where a source is missing, TokenProblem where JSON lines are not what they should be.
    """
    for source in sources:
        if source.lower().startswith(("http://", "https://")):
            yield Text(source, fetch(source, limits).text)
            continue
        root = Path(source)
        inside = len(sources) == 1 and root.is_dir()
        if not root.is_dir() and _is_lines(root):  # named by hand, so read whatever its size
            yield from _lines(root, root.name)
            continue
        for entry in walk(root, limits):
            path = entry.path if isinstance(entry, Skipped) else entry
            group = path.relative_to(root.absolute()).parts[0] if inside and path != root.absolute() else root.name
            if _is_lines(path) and path.is_file():
                yield from _lines(path, group)
            elif isinstance(entry, Skipped):
                if path.suffix == ".txt" and path.is_file() and path.stat().st_size > limits.max_bytes:
                    yield from (Text(group, text) for text in _blocks(path))
                else:
                    skip(f"{path}: {entry.reason}")
            else:
                try:
                    yield Text(group, load(path, limits).text)
                except OpenbookError as error:
                    skip(str(error))


def _is_lines(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))


def _lines(path: Path, group: str) -> Iterator[Text]:
    """The texts of JSON lines, parted at newlines only, as some texts hold other separators."""
    try:
        with open_regular(path) as file, _unpacked(file, path) as lines:
            number = 0
            while line := lines.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise TokenProblem(f"line {number} of {path} has over {LONGEST_LINE:,} bytes: cut it up")
                if line.strip():
                    yield _row(line, f"line {number} of {path}", group)
    except (OSError, EOFError, zlib.error) as error:
        raise TokenProblem(f"{path} cannot be read ({error}): check the file") from error


def _unpacked(file: BinaryIO, path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=file)) if path.suffix.lower() == ".gz" else file


def _row(line: bytes, where: str, group: str) -> Text:
    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError):
        raise TokenProblem(f"{where} is not JSON: mend it, or name the file .txt") from None
    row = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    text: object = row.get("text")
    if not isinstance(text, str):
        raise TokenProblem(f'{where} has no "text": each line is an object with a text, and a language if you like')
    language = next((row[name] for name in _LANGUAGE if isinstance(row.get(name), str) and row[name]), group)
    return Text(language[:_LONGEST_GROUP], text)


def _blocks(path: Path) -> Iterator[str]:
    """A long plain text in blocks of about a megabyte, each to the end of a line."""
    try:
        with open_regular(path) as file:
            while block := file.read(_BLOCK):
                yield (block + file.readline(_BLOCK)).decode("utf-8", "replace")
    except OSError as error:
        raise TokenProblem(f"{path} cannot be read ({error.strerror or error}): check the file") from error
