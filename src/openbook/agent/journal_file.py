"""The file of a journal: SQLite, its tables and its format, and what it may refuse, in one line each.

One process at a time has it: a run that two processes carried out at once would do each effect twice.
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from openbook.errors import OpenbookError
from openbook.marked_database import Kind, connect, is_made, make

APPLICATION_ID = 0x6F706A72  # "opjr": tells a journal from an index and from any other database
VERSION = 2

_TABLES = (
    """CREATE TABLE runs (
        id TEXT PRIMARY KEY, begun TEXT NOT NULL, about TEXT NOT NULL,
        plan TEXT, attempts INTEGER NOT NULL, answered INTEGER NOT NULL
    )""",
    # ended is NULL while nobody knows how a call ended: its intent stands alone
    """CREATE TABLE calls (
        run TEXT NOT NULL REFERENCES runs (id), call TEXT NOT NULL, tool TEXT NOT NULL, digest TEXT NOT NULL,
        ended TEXT, PRIMARY KEY (run, call)
    )""",
    """CREATE TABLE events (
        run TEXT NOT NULL REFERENCES runs (id), attempt INTEGER NOT NULL, number INTEGER NOT NULL, event TEXT NOT NULL,
        PRIMARY KEY (run, attempt, number)
    )""",
    # what a plan was repaired to, from 1: its first form is known by ``runs.plan``, a digest
    """CREATE TABLE revisions (
        run TEXT NOT NULL REFERENCES runs (id), number INTEGER NOT NULL, plan TEXT NOT NULL, PRIMARY KEY (run, number)
    )""",
)
KIND = Kind(APPLICATION_ID, VERSION, _TABLES)


class JournalProblem(OpenbookError):
    """A journal that is missing, of something else, damaged, in use, or cannot be written."""


def connected(path: Path, *, create: bool) -> sqlite3.Connection:
    """The file at ``path``, made where there is none, for its owner alone: it holds what tools gave."""
    with explained(path):
        if path.exists() and not path.is_file():
            raise JournalProblem(f"{path} is no file: name a file for the journal")
        if not create and not path.exists():
            raise JournalProblem(f"there is no journal at {path}: check the spelling")
        connection = connect(path, timeout=0.0)
        try:
            _take(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Turns errors of sqlite3 and the system, and rows that are not what was written, into JournalProblem."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a mistake of ours
    except sqlite3.Error as error:
        raise JournalProblem(_said(path, getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF)) from error
    except OSError as error:
        raise JournalProblem(f"{path} cannot be used: {error.strerror or error}; name another journal") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise damaged(path) from error


def damaged(path: Path) -> JournalProblem:
    return JournalProblem(
        f"{path} is damaged, so that nobody knows what was done: look at what the run changed, then name a new journal"
    )


def _take(connection: sqlite3.Connection, path: Path) -> None:
    """Take the file for this process until it is closed; the system gives it free where the process is killed."""

    def not_ours(version: int | None) -> JournalProblem:
        if version is None:
            return JournalProblem(f"{path} is a database, but no journal of runs: name another file")
        return JournalProblem(f"{path} was made by another openbook (format {version}): name another file")

    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    is_made(connection, KIND, not_ours)  # before anything is set: some other program's database stays as it is
    connection.execute("PRAGMA journal_mode = WAL")
    make(connection, KIND, not_ours)
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise damaged(path)


def _said(path: Path, code: int) -> str:
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path} is in use by another process: wait until its run has ended, or name another journal"
    if code == sqlite3.SQLITE_FULL:
        return f"{path} cannot grow, the disk is full: free some space, then resume the run"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        return f"{path} cannot be read and written: check the disk and the permissions, or name another journal"
    if code == sqlite3.SQLITE_NOTADB:
        return f"{path} is no journal of runs: name another file"
    return str(damaged(path))
