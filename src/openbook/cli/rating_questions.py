"""The questions that ``openbook rate`` asks: from a file, a line each or as JSON lines, or typed as it goes."""

from collections.abc import Callable, Iterator
from pathlib import Path

from openbook.answer.ask import checked_question
from openbook.errors import OpenbookError
from openbook.json_lines import rows_of
from openbook.report.files import read_bounded

UNDO = "u"
"""Typed for a question or a choice, it takes the last choice back."""

MOST = 5_000
MOST_BYTES = 5_000_000


def from_file(path: Path) -> list[str]:
    """Each question once, in order. JSON lines hold them as ``question``; any other file has one a line.

    Raises OpenbookError, or BadData, with the line to mend.
    """
    rows = _objects(path) if path.name.lower().endswith((".jsonl", ".jsonl.gz")) else _lines(path)
    found: dict[str, None] = {}
    for where, said in rows:
        try:
            found[checked_question(said)] = None
        except OpenbookError as error:
            raise OpenbookError(f"{where}: {error}") from None
    if not found:
        raise OpenbookError(f"{path} holds no question: put one on each line")
    if len(found) > MOST:
        raise OpenbookError(f"{path} holds more than {MOST:,} questions: pass a part of it")
    return list(found)


def typed(read: Callable[[str], str | None], say: Callable[[str], None]) -> Iterator[str]:
    """Until an empty line, ``q``, or the end; a question that cannot be asked is said, and another read."""
    asked = "Question (empty to end, u to undo a choice): "
    while (said := read(asked)) is not None and said.strip() not in ("", "q"):
        try:
            yield checked_question(said)
        except OpenbookError as error:
            say(f"{error}")


def _objects(path: Path) -> Iterator[tuple[str, str]]:
    for number, row in rows_of(path, MOST):
        if not isinstance(question := row.get("question"), str):
            raise OpenbookError(f'{path}:{number} has no question: write {{"question": …}}')
        yield f"{path}:{number}", question


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    text = read_bounded(path, MOST_BYTES).removeprefix("\ufeff")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield f"{path}:{number}", line
