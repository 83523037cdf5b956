"""Every reply of a judge, kept in an SQLite file: a run goes on where it stopped, and is replayed without a model.

The key is the SHA-256 of the model's name, the prompt's parts and the decoding; the value, the tokens as they came,
with their log-probabilities. Rows are only added: two processes that ask the same at once both get the first reply.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, cast

from openbook.errors import OpenbookError
from openbook.marked_database import Kind, connect, is_made, make
from openbook.values import Decoding, Prompt, Token

APPLICATION_ID = 0x6F706A67  # "opjg": tells these files from an index and from any other database
VERSION = 1
BUSY_SECONDS = 30.0

_LATER = frozenset({"overflow", "min_p", "repetition_penalty", "pattern"})

_TABLES = (
    "CREATE TABLE replies (key TEXT PRIMARY KEY, model TEXT NOT NULL, tokens TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE models (spec TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID",
)
KIND = Kind(APPLICATION_ID, VERSION, _TABLES)


class CacheProblem(OpenbookError):
    """A file of replies that is missing, of something else, damaged, or cannot be written."""


def key_of(model: str, prompt: Prompt, decoding: Decoding) -> str:
    """SHA-256, in hexadecimal, of all that decides a reply."""
    parts = [[part.role, sorted(part.label.sources), part.text] for part in prompt]
    said = json.dumps([model, parts, _settings(decoding)], sort_keys=True)
    return hashlib.sha256(said.encode("ascii")).hexdigest()


class Replies:
    """The open file; made by ``open_replies``. Threads may share it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.Lock()

    def get(self, key: str) -> tuple[Token, ...] | None:
        row = self._one("SELECT tokens FROM replies WHERE key = ?", key)
        return None if row is None else _tokens(row, self.path)

    def has(self, key: str) -> bool:
        return self._one("SELECT 1 FROM replies WHERE key = ?", key) is not None

    def put(self, key: str, model: str, tokens: Sequence[Token]) -> tuple[Token, ...]:
        """Keep a reply, and return the one that is kept now: an earlier one stays."""
        text = json.dumps([[t.id, t.text, t.logprob, t.alternatives] for t in tokens], separators=(",", ":"))
        self._write("INSERT OR IGNORE INTO replies VALUES (?, ?, ?)", key, model, text)
        return self.get(key) or tuple(tokens)

    def note(self, spec: str, model: str) -> None:
        """Keep which model a spec named last, so that a replay need not open it."""
        self._write("INSERT OR REPLACE INTO models VALUES (?, ?)", spec, model)

    def named(self, spec: str) -> str | None:
        """The model that a spec named last."""
        found = self._one("SELECT name FROM models WHERE spec = ?", spec)
        return None if found is None else str(found)

    def close(self) -> None:
        self._connection.close()

    def _one(self, sql: str, value: str) -> Any:
        with self._lock, _explained(self.path):
            row = self._connection.execute(sql, (value,)).fetchone()
        return None if row is None else row[0]

    def _write(self, sql: str, *values: str) -> None:
        with self._lock, _explained(self.path):
            self._connection.execute(sql, values)


def open_replies(path: Path, *, create: bool = True) -> Replies:
    """The file at ``path``, made where there is none, for its owner alone: it holds the texts' replies."""

    def not_ours(version: int | None) -> CacheProblem:
        if version is None:
            return CacheProblem(f"{path} is a database, but holds no judge's replies: name another with --cache FILE")
        return CacheProblem(f"{path} was made by another openbook (format {version}): name another with --cache FILE")

    with _explained(path):
        if path.exists() and not path.is_file():
            raise CacheProblem(f"{path} is no file: name a file for the judge's replies with --cache FILE")
        if not create and not path.exists():
            raise CacheProblem(f"there are no replies at {path}: judge once without --replay")
        connection = connect(path, BUSY_SECONDS)
        try:
            is_made(connection, KIND, not_ours)  # before anything is set: some other program's database stays as it is
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            make(connection, KIND, not_ours)
        except BaseException:
            connection.close()
            raise
    return Replies(path, connection)


def _settings(decoding: Decoding) -> dict[str, Any]:
    """Of the fields that came later, those that are set alone: replies of an older openbook are still found."""
    unset = {field.name: field.default for field in fields(Decoding) if field.name in _LATER}
    return {name: value for name, value in asdict(decoding).items() if name not in unset or value != unset[name]}


def _tokens(text: Any, path: Path) -> tuple[Token, ...]:
    try:
        rows = cast("list[Any]", json.loads(text))
        return tuple(
            Token(int(i), str(t), None if p is None else float(p), tuple((str(a), float(q)) for a, q in more))
            for i, t, p, more in rows
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise _damaged(path) from error


@contextmanager
def _explained(path: Path) -> Generator[None]:
    """Turns errors of sqlite3 and the system into CacheProblem."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a mistake of ours
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise CacheProblem(f"{path} is being written by another process: try again when it has finished") from error
        if code == sqlite3.SQLITE_FULL:
            raise CacheProblem(f"{path} cannot grow, the disk is full: free some space and run it again") from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
            raise CacheProblem(f"{path} cannot be read and written: name another with --cache FILE") from error
        if code == sqlite3.SQLITE_NOTADB:
            raise CacheProblem(f"{path} holds no judge's replies: name another with --cache FILE") from error
        raise _damaged(path) from error
    except OSError as error:
        raise CacheProblem(f"{path} cannot be used: {error.strerror or error}; name another with --cache") from error


def _damaged(path: Path) -> CacheProblem:
    return CacheProblem(f"{path} is damaged: remove it, and judge again")
