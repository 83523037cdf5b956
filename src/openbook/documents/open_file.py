"""Open a file that is certainly a file: a pipe or device of that name must not block or feed the reader."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

# a pipe without a writer would block open() itself; the flags that a platform does not have are not needed there
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path) -> BinaryIO:
    """The open file. Raises OSError, also where ``path`` is a folder, pipe, socket or device."""
    descriptor = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb")
