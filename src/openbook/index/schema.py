"""The index file: its tables, its migrations, and how a connection to it is opened.

Documents hold the text; chunks are spans of it; ``words`` is an FTS5 external-content table over a view that slices
the chunks out, so no character is stored twice. Vectors are rows, the truth from which the matrix beside it is rebuilt.
"""

import os
import sqlite3
import uuid
from pathlib import Path

from openbook.errors import IndexProblem
from openbook.index.faults import explained, making

APPLICATION_ID = 0x6F70626B  # "opbk": tells an index from any other SQLite file
BUSY_SECONDS = 10.0

TOKENIZE = "porter unicode61 remove_diacritics 2"
"""English stems, letters of any script, accents aside; every store cuts words so."""

DOCUMENTS_CHUNKS_VECTORS = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 1), generation INTEGER NOT NULL);
INSERT INTO state VALUES (1, 0);
CREATE TABLE documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, uri TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    sha256 TEXT NOT NULL, meta TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: a reader may still hold it
    document INTEGER NOT NULL REFERENCES documents (number) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT NOT NULL, place TEXT NOT NULL
);
CREATE INDEX chunks_by_document ON chunks (document, start);
CREATE TABLE vectors (chunk INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE, vector BLOB NOT NULL);
"""

WORDS = f"""
CREATE VIEW chunk_words AS
    SELECT chunks.id AS id, chunks.heading AS heading,
           substr(documents.text, chunks.start + 1, chunks."end" - chunks.start) AS body
    FROM chunks JOIN documents ON documents.number = chunks.document;
CREATE VIRTUAL TABLE words USING fts5 (
    heading, body, content='chunk_words', content_rowid='id', tokenize='{TOKENIZE}'
);
INSERT INTO words (words) VALUES ('rebuild');
"""  # noqa: S608 - the only thing put in is a constant

MIGRATIONS = (DOCUMENTS_CHUNKS_VECTORS, WORDS)
"""Step n takes a file of version n to n + 1, in one transaction with the version number."""


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """A connection in autocommit mode; transactions are begun by name, so that none is open by accident."""
    mode = "rwc" if write else "ro"
    writable = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    if not write and not writable and not path.with_name(f"{path.name}-wal").exists():
        mode += "&immutable=1"  # reading in WAL mode makes a file beside the index, which a read-only folder refuses
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )
    try:
        if write:
            check(connection, path)  # before anything is set: some other program's database stays as it is
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last commit, never the file
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA mmap_size = 268435456")
    except BaseException:
        connection.close()
        raise
    return connection


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, path: Path, target: int = len(MIGRATIONS)) -> None:
    """Bring an empty or older file to ``target``, one committed step at a time; killed between steps, it goes on."""
    for _ in range(len(MIGRATIONS) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            now = version(connection)
            check(connection, path)
            if now >= target:
                return
            if now == 0:
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            for statement in _statements(MIGRATIONS[now]):
                connection.execute(statement)
            if now == 0:
                connection.execute("INSERT INTO settings VALUES ('uuid', ?)", (uuid.uuid4().hex,))
            connection.execute(f"PRAGMA user_version = {now + 1}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def check(connection: sqlite3.Connection, path: Path, *, current: bool = False) -> None:
    """Raises IndexProblem where the file is some other database, or of a newer openbook; with ``current``, an older."""
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    now = version(connection)
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if application != APPLICATION_ID and (now or tables):
        raise IndexProblem(f"{path} is a database, but not an openbook index: choose another path")
    if now > len(MIGRATIONS):
        raise IndexProblem(f"{path} was made by a newer openbook (format {now}): upgrade, or choose another path")
    if current and not now and not tables:
        raise IndexProblem(f"{path} is empty, and no index yet: make one with `{making(path)}`")
    if current and now < len(MIGRATIONS):
        raise IndexProblem(f"{path} was made by an older openbook: `{making(path)}` brings it up to date")


def is_removable(path: Path) -> bool:
    """True for an empty file, and for one whose SQLite header carries openbook's mark, however damaged the rest is."""
    with explained(path), path.open("rb") as file:
        header = file.read(72)
    mark = APPLICATION_ID.to_bytes(4, "big")
    return not header or (header.startswith(b"SQLite format 3\0") and header[68:72] == mark)


def refuse_stranger(path: Path) -> None:
    """Raises IndexProblem where something stands there that no index can be, before anything is put beside it."""
    if not path.exists():
        return
    if path.is_dir():
        raise IndexProblem(f"{path} is a folder: name the index file in it, as {path / 'index.sqlite'}")
    if not path.is_file():
        raise IndexProblem(f"{path} is no ordinary file: choose another path")
    with explained(path), path.open("rb") as file:
        header = file.read(16)
    if header and header != b"SQLite format 3\0":
        raise IndexProblem(f"{path} is not an openbook index; choose another path, or remove that file yourself")


def remove_index(path: Path) -> None:
    """The index file and what stands beside it, but for the lock, which its holder has open."""
    beside = [path.with_name(path.name + ending) for ending in ("-wal", "-shm")]
    for old in (path, *path.parent.glob(f"{path.name}.*.matrix*"), *beside):
        old.unlink(missing_ok=True)


def _statements(script: str) -> list[str]:
    """The script's statements one by one; ``executescript`` would commit between them."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
