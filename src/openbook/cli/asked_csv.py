"""A table of questions, as a spreadsheet saves it: columns question, answer, source, quote, group."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from openbook.json_lines import BadData

MOST_BYTES = 50_000_000
KNOWN = ("answer", "source", "quote")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}


def csv_rows(path: Path, most: int) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    """Each row's line and its cells; an empty cell says nothing, so no answer is none. Raises BadData."""
    text = _text(path)
    delimiter = max(DELIMITERS, key=text.split("\n", 1)[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        _check_columns(path, reader.fieldnames or ())
        for read, row in enumerate(reader, start=1):
            if read > most:
                raise BadData(f"{path} holds more than {most:,} questions: pass a part of it")
            if None in row:  # where the reader puts what no column takes: the other cells may be in wrong ones too
                raise BadData(
                    f"{path}:{reader.line_num} has more cells than there are columns: put a text that holds a "
                    f"{DELIMITERS[delimiter]} in double quotes"
                )
            said = {name: cell.strip() for name, cell in row.items() if cell and cell.strip()}
            if said:
                named = "source" in said or "quote" in said
                yield reader.line_num, said if "answer" in said or named else {**said, "answer": None}
    except csv.Error as error:
        raise BadData(f"{path}:{reader.line_num} is no CSV: {error}") from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise BadData(f"there is no file or folder {path}: check the spelling") from None
    except OSError as error:
        raise BadData(f"{path} cannot be read: {error.strerror or error}") from None
    if len(data) > MOST_BYTES:
        raise BadData(f"{path} holds more than {MOST_BYTES:,} bytes: pass a part of it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadData(f"{path} is not UTF-8: save the table as UTF-8 CSV") from None


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    """A misspelt ``answer`` would make every question one that has none."""
    if "question" not in columns:
        raise BadData(f"{path} has no column `question`: name its columns question, answer, source, quote, group")
    if not any(name in columns for name in KNOWN):
        raise BadData(f"{path} says nothing of the answers: name a column answer, source or quote")
