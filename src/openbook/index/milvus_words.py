"""The words of a text as the SQLite store counts them, spelt so that any Milvus analyser hands them back unchanged.

FTS5 itself cuts the text (Unicode words, diacritics off, Porter stems) in a table in memory. So both stores match the
same chunks, and stemming depends neither on a cluster's version nor on Milvus Lite, whose one analyser does not stem.
"""

import sqlite3
from collections.abc import Sequence
from hashlib import blake2b

from openbook.index.schema import TOKENIZE

MAX_BYTES = 65_535
"""Of a Milvus VARCHAR. A chunk within the encoder's window stays far below; of a larger one the first words count."""

_LONGEST = 40


def terms(texts: Sequence[str]) -> list[list[str]]:
    """The stems of each text, in order."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        run = connection.execute
        run(f"CREATE VIRTUAL TABLE words USING fts5 (body, content='', tokenize='{TOKENIZE}')")
        run("CREATE VIRTUAL TABLE terms USING fts5vocab (words, instance)")
        run("BEGIN")
        connection.executemany("INSERT INTO words (rowid, body) VALUES (?, ?)", enumerate(texts))
        found: list[list[str]] = [[] for _ in texts]
        rows: list[tuple[int, str]] = run("SELECT doc, term FROM terms ORDER BY doc, offset").fetchall()
        for row, term in rows:
            found[row].append(term)
        return found
    finally:
        connection.close()


def searchable(texts: Sequence[str]) -> list[str]:
    """What Milvus's full-text function is to read for each text: ASCII words with blanks between."""
    return [_within(" ".join(map(_spelt, found))) for found in terms(texts)]


def _spelt(term: str) -> str:
    """Short ASCII words as they are; a digest of any other, which tokenizers would cut in ways of their own."""
    if term.isascii() and len(term) <= _LONGEST:
        return term
    return "x" + blake2b(term.encode(), digest_size=8).hexdigest()


def _within(words: str) -> str:
    return words if len(words) <= MAX_BYTES else words[: MAX_BYTES + 1].rpartition(" ")[0]
