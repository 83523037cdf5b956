"""Questions to measure answers on, from JSON lines or CSV: each with what is known of its answer."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from openbook.answer.ask import checked_question
from openbook.errors import OpenbookError
from openbook.evaluate.asked import Wanted
from openbook.index.location import is_url
from openbook.json_lines import BadData, rows_of, shortened

MOST = 5_000
LONGEST = 20_000
"""Characters of an answer, a source, a quote or a group's name."""
MOST_OF_A_KIND = 100
"""Answers, sources or quotes of one question."""
MOST_CSV_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """wanted: each question once, its sources as they were named. where: the line each stands in. twice: left out."""

    wanted: Sequence[Wanted]
    where: Sequence[str]
    twice: int


def read_wanted(path: Path) -> Given:
    """Raises OpenbookError, or BadData, with the line to mend."""
    rows = _csv_rows(path) if path.suffix.lower() == ".csv" else rows_of(path, MOST)
    found: dict[Wanted, str] = {}
    read = 0
    for number, row in rows:
        read += 1
        where = f"{path}:{number}"
        found.setdefault(_wanted(row, where), where)
    if not found:
        raise OpenbookError(f"{path} holds no question: put one JSON object on each line")
    return Given(list(found), list(found.values()), read - len(found))


def _wanted(row: Mapping[str, Any], where: str) -> Wanted:
    asked: Any = row.get("question")
    if not isinstance(asked, str):
        raise OpenbookError(f'{where} has no question: write {{"question": …, "answer": …}}')
    try:
        question = checked_question(asked)
    except OpenbookError as error:
        raise OpenbookError(f"{where}: {error}") from None
    sources, quotes = _texts(row, "source", where), _texts(row, "quote", where)
    named = bool(sources or quotes)
    if "answer" not in row and not named:
        raise OpenbookError(
            f"{where} has no answer: write null where the documents have none, or name the source that holds it"
        )
    answers = _texts(row, "answer", where)
    if "answer" in row and row["answer"] is None and named:
        raise OpenbookError(f"{where} has null for an answer and names where it stands: leave one of them out")
    group: Any = row.get("group")
    if group is not None and (isinstance(group, bool) or not isinstance(group, str | int)):
        raise OpenbookError(f"{where}: the group must be a text or a whole number")
    return Wanted(question, bool(answers) or named, answers, sources, quotes, "" if group is None else str(group))


def _texts(row: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """One text or several; none where nothing is said."""
    value: Any = row.get(name)
    if value is None:
        return ()
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    if not values or not all(isinstance(text, str) and text.strip() for text in values):
        what = "a text, a list of texts, or null" if name == "answer" else "a text or a list of texts"
        raise OpenbookError(f"{where}: the {name} must be {what}")
    if len(values) > MOST_OF_A_KIND or any(len(text) > LONGEST for text in values):
        raise OpenbookError(
            f"{where}: the {name} is more than {MOST_OF_A_KIND} texts or {LONGEST:,} characters: shorten it"
        )
    return tuple(values)


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Columns question, answer, source, quote, group; an empty cell says nothing, so no answer is none."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_CSV_BYTES + 1)
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise BadData(f"there is no file or folder {path}: check the spelling") from None
    except OSError as error:
        raise BadData(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BadData(f"{path} is not UTF-8: save the table as UTF-8 CSV") from None
    if len(data) > MOST_CSV_BYTES:
        raise BadData(f"{path} holds more than {MOST_CSV_BYTES:,} bytes: pass a part of it")
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        if "question" not in (reader.fieldnames or ()):
            raise BadData(f"{path} has no column `question`: name its columns question, answer, source, quote, group")
        for read, row in enumerate(reader, start=1):
            if read > MOST:
                raise BadData(f"{path} holds more than {MOST:,} questions: pass a part of it")
            said = {name: cell.strip() for name, cell in row.items() if name and cell and cell.strip()}
            if said:
                named = "source" in said or "quote" in said
                yield reader.line_num, said if "answer" in said or named else {**said, "answer": None}
    except csv.Error as error:
        raise BadData(f"{path}:{reader.line_num} is no CSV: {error}") from None


def with_uris(given: Given, uris: Sequence[str], sources: Sequence[str]) -> list[Wanted]:
    """The questions with each named source as the uri of its document.

    A source is named as a URL, or as a path from one of ``sources``; from further down, where that is one document's
    alone. Raises OpenbookError where it is none's.
    """
    known = set(uris)
    roots = [Path(source) if Path(source).is_dir() else Path(source).parent for source in sources if not is_url(source)]
    found: dict[str, str] = {}
    for one, where in zip(given.wanted, given.where, strict=True):
        for name in one.sources:
            if name not in found:
                found[name] = _uri_of(name, known, roots, where)
    return [
        Wanted(one.question, one.answerable, one.answers, tuple(found[n] for n in one.sources), one.quotes, one.group)
        for one in given.wanted
    ]


def _uri_of(name: str, known: set[str], roots: Sequence[Path], where: str) -> str:
    for uri in (name, *(str(root / name) for root in roots)):
        if uri in known:
            return uri
    ending = "/" + name.removeprefix("./")
    below = [uri for uri in known if uri.endswith(ending)]
    if len(below) == 1:
        return below[0]
    problem = f"{len(below)} documents end in that" if below else "no document of that name is indexed"
    raise OpenbookError(
        f"{where}: the source {shortened(name)!r} is not found, since {problem}: name it from the folder"
    )
