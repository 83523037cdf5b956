"""An SQLite file of one kind: made for its owner alone, known by its mark, and never some other program's."""

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openbook.errors import OpenbookError


@dataclass(frozen=True, slots=True)
class Kind:
    """application_id: the mark that tells these files from any other database. version: of the tables' format."""

    application_id: int
    version: int
    tables: tuple[str, ...]


NotOurs = Callable[[int | None], OpenbookError]
"""What to raise of a file of something else, for None, or of the format of another openbook, for its version."""


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """The file opened for reading and writing, and made where there is none, with its folders. timeout: seconds that
    another process is waited for. Raises sqlite3.Error and OSError.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False)


def is_made(connection: sqlite3.Connection, kind: Kind, not_ours: NotOurs) -> bool:
    """Whether the tables are there; an empty file has none. To be asked before anything is set in the file."""
    application, version, tables = (
        int(connection.execute(sql).fetchone()[0])
        for sql in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema")
    )
    if not tables and not version:
        return False
    if application != kind.application_id:
        raise not_ours(None)
    if version != kind.version:
        raise not_ours(version)
    return True


def make(connection: sqlite3.Connection, kind: Kind, not_ours: NotOurs) -> None:
    """The tables and the mark, where they are not there yet, all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not is_made(connection, kind, not_ours):
            for statement in kind.tables:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {kind.application_id}")
            connection.execute(f"PRAGMA user_version = {kind.version}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
