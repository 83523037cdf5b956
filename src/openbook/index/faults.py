"""What SQLite and the file system may refuse, as one line that says what to do."""

import errno
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from openbook.errors import IndexBusy, IndexProblem

_ADVICE: dict[int, str] = {
    sqlite3.SQLITE_FULL: "cannot grow, the disk is full; what is indexed is safe: free some space and run it again",
    sqlite3.SQLITE_READONLY: "is not writable; choose another place with --index PATH",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that the folder exists and may be written, or use --index PATH",
    sqlite3.SQLITE_PERM: "may not be opened; check its permissions, or choose another place with --index PATH",
    sqlite3.SQLITE_IOERR: "could not be read or written; check the disk, then run the command again",
    sqlite3.SQLITE_CORRUPT: "is damaged; build it again with `openbook index DIR --rebuild`",
    sqlite3.SQLITE_NOTADB: "is not an openbook index; choose another path, or remove that file yourself",
}

_BY_ERRNO = {
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EDQUOT: sqlite3.SQLITE_FULL,
    errno.EROFS: sqlite3.SQLITE_READONLY,
    errno.EACCES: sqlite3.SQLITE_PERM,
    errno.EPERM: sqlite3.SQLITE_PERM,
    errno.EIO: sqlite3.SQLITE_IOERR,
}


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Turns errors of sqlite3 and the system into IndexProblem or IndexBusy; lost tables count as damage."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the low byte of an extended code
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexBusy(f"{path} is being written by another process: try again when it has finished") from error
        if code == sqlite3.SQLITE_ERROR and ("no such table" in str(error) or "malformed" in str(error)):
            code = sqlite3.SQLITE_CORRUPT
        if code not in _ADVICE:
            raise
        raise IndexProblem(f"{path} {_ADVICE[code]}") from error
    except OSError as error:
        code = _BY_ERRNO.get(error.errno or 0, sqlite3.SQLITE_CANTOPEN)
        raise IndexProblem(f"{path} {_ADVICE[code]}") from error
