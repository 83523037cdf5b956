"""Output whose reader has gone, as ``head`` does: the rest goes nowhere, and the exit code stays the command's own.

It is seen to where the bytes leave: rich, click and the interpreter's end each answer a closed pipe in their own way.
"""

import io
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def outlive_readers() -> None:
    """From here on writing to standard output or error never raises BrokenPipeError; other errors stay."""
    sys.stdout = _patient(sys.stdout)
    sys.stderr = _patient(sys.stderr)


def _patient(stream: TextIO) -> TextIO:
    """The same stream; a terminal, or what is no file or not there, as it is."""
    try:
        if stream.isatty():
            return stream
        raw = _Patient(stream.fileno(), "wb", closefd=False)
    except (AttributeError, OSError, ValueError):  # none, closed, or only in memory
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=bool(stream.line_buffering),
        write_through=bool(getattr(stream, "write_through", False)),
    )


class _Patient(io.FileIO):
    _failed = False

    def write(self, data: "ReadableBuffer", /) -> int | None:
        if not self._failed:
            try:
                return super().write(data)
            except BrokenPipeError:
                self._failed = True
            except OSError:
                self._failed = True  # said once: at its end the interpreter writes what is left, and must not fail anew
                raise
        return memoryview(data).nbytes
