"""Texts kept in a temporary file, to be gone through as often as needed without holding them in memory."""

import json
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from openbook.tokens.corpus import Text
from openbook.tokens.problems import TokenProblem


class Spool:
    """Add texts, then iterate, each time from the first. Gone when closed. TokenProblem where the disk is full."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", prefix="openbook-")  # noqa: SIM115
        self.texts = 0
        self.bytes = 0

    def add(self, text: Text) -> None:
        with _room():
            self._file.write(json.dumps([text.group, text.text]) + "\n")
        self.texts += 1
        self.bytes += len(text.text.encode("utf-8", "replace"))

    def __iter__(self) -> Iterator[str]:
        return (text.text for text in self.rows())

    def rows(self) -> Iterator[Text]:
        """Each text with its group. One pass at a time."""
        with _room():
            self._file.seek(0)  # writes what is still held back
        while line := self._file.readline():
            group, text = json.loads(line)
            yield Text(group, text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):  # what could not be written is not needed any more
            self._file.close()


@contextmanager
def _room() -> Generator[None]:
    try:
        yield
    except OSError as problem:
        raise TokenProblem(f"no room for a temporary file ({problem.strerror}): free some, or set TMPDIR") from problem
