"""Files of texts, one a line, read as streams: however large a file is, a line at a time is in memory."""

import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from openbook.cli.typed import piped
from openbook.errors import OpenbookError

MAX_BYTES = 100_000_000_000
LONGEST_LINE = 1_000_000
_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class TextFile:
    """lines: how many texts it holds; the last one need not end in a line feed."""

    name: str
    file: IO[bytes]
    lines: int

    def texts(self) -> Iterator[str]:
        """From the beginning, without the line ends; only line feeds end lines, as in every other tool.

        Raises OpenbookError in one line for what is not UTF-8, and for a line of over a million bytes.
        """
        self.file.seek(0)
        number = 0
        while line := self.file.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise OpenbookError(f"{self.name}: line {number:,} is over {LONGEST_LINE:,} bytes: split the text")
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise OpenbookError(
                    f"{self.name} is not UTF-8 at line {number:,}: convert it, for example with iconv"
                ) from None
            yield text.removesuffix("\n").removesuffix("\r")


@contextmanager
def opened(names: Sequence[str]) -> Generator[list[TextFile]]:
    """Files, pipes, or standard input for ``-``; what cannot be read twice is kept in a temporary file meanwhile.

    Raises OpenbookError for what cannot be read.
    """
    with ExitStack() as stack:
        yield [_text_file(name, stack) for name in names]


def _text_file(name: str, stack: ExitStack) -> TextFile:
    try:
        file: IO[bytes] | None = None if name == "-" else stack.enter_context(Path(name).open("rb"))  # noqa: SIM115
        if file is None or not file.seekable():
            kept = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # the stack closes it
            _keep(name, file, kept)
            file = kept
        return TextFile(name, file, _count(name, file))
    except OSError as error:
        raise OpenbookError(f"{name} cannot be read: {error.strerror or error}") from error


def _keep(name: str, source: IO[bytes] | None, kept: IO[bytes]) -> None:
    """All of ``source``, or of standard input."""
    while part := source.read(_AT_ONCE) if source else piped(_AT_ONCE):
        kept.write(part)
        if kept.tell() > MAX_BYTES:
            raise OpenbookError(f"{name} is over {MAX_BYTES // 10**9} GB: split it")
    kept.seek(0)


def _count(name: str, file: IO[bytes]) -> int:
    lines = size = 0
    last = b"\n"
    while part := file.read(_AT_ONCE):
        lines += part.count(b"\n")
        size += len(part)
        last = part[-1:]
        if size > MAX_BYTES:
            raise OpenbookError(f"{name} is over {MAX_BYTES // 10**9} GB: split it")
    return lines + (last != b"\n")
