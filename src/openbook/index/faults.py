"""What SQLite and the file system may refuse, as one line that says what to do."""

import errno
import shlex
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
    sqlite3.SQLITE_NOTADB: "is not an openbook index; choose another path, or remove that file yourself",
}

_DAMAGE = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_SCHEMA,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
)
"""What our own statements, which are right, can only meet in a file whose bytes are not those that were written: a
column that lost its name, an FTS5 table of no format, text that is no UTF-8 (which comes without a code)."""

_BY_ERRNO = {
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EDQUOT: sqlite3.SQLITE_FULL,
    errno.EROFS: sqlite3.SQLITE_READONLY,
    errno.EACCES: sqlite3.SQLITE_PERM,
    errno.EPERM: sqlite3.SQLITE_PERM,
    errno.EIO: sqlite3.SQLITE_IOERR,
}


def making(path: Path) -> str:
    """The command that makes the index at this very place, and not that of the folder's own."""
    return f"openbook index DIR --index {shlex.quote(str(path))}"


def damaged(path: Path, found: str = "") -> IndexProblem:
    """found: what is wrong with it, where that says more than that it is damaged."""
    return IndexProblem(
        f"{path} is damaged{f' ({found})' if found else ''}; build it again with `{making(path)} --rebuild`"
    )


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Turns errors of sqlite3 and the system into IndexProblem or IndexBusy; lost tables count as damage."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a mistake of ours, whatever the file holds
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the low byte of an extended code
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexBusy(f"{path} is being written by another process: try again when it has finished") from error
        if code in _ADVICE:
            raise IndexProblem(f"{path} {_ADVICE[code]}") from error
        if code not in _DAMAGE or _is_our_mistake(error):
            raise
        raise damaged(path) from error
    except UnicodeDecodeError as error:  # of a message that quotes the damaged bytes
        raise damaged(path) from error
    except MemoryError as error:  # a damaged length asks for more than there is
        raise damaged(path, "or memory ran out") from error
    except OSError as error:
        code = _BY_ERRNO.get(error.errno or 0, sqlite3.SQLITE_CANTOPEN)
        raise IndexProblem(f"{path} {_ADVICE[code]}") from error


@contextmanager
def as_written(path: Path) -> Generator[None]:
    """Around what takes apart rows of our own making: those that do not come apart were damaged since."""
    try:
        yield
    except (ValueError, TypeError, KeyError) as error:
        raise damaged(path) from error


def _is_our_mistake(error: sqlite3.Error) -> bool:
    """SQL that does not parse, unless it is what the file holds as its schema."""
    return "syntax error" in str(error) and "malformed" not in str(error)
