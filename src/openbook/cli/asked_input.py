"""Questions to measure answers on, from JSON lines or CSV: each with what is known of its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from openbook.answer.ask import checked_question
from openbook.cli.asked_csv import csv_rows
from openbook.errors import OpenbookError
from openbook.evaluate.asked import Wanted
from openbook.evaluate.reading import normalised
from openbook.index.location import is_url
from openbook.json_lines import rows_of, shortened

MOST = 5_000
LONGEST = 20_000
"""Characters of an answer, a source, a quote or a group's name."""
MOST_OF_A_KIND = 100
"""Answers, sources or quotes of one question."""


@dataclass(frozen=True, slots=True)
class Given:
    """wanted: each question once, its sources as they were named. where: the line each stands in. twice: left out."""

    wanted: Sequence[Wanted]
    where: Sequence[str]
    twice: int


def read_wanted(path: Path) -> Given:
    """Raises OpenbookError, or BadData, with the line to mend."""
    rows = csv_rows(path, MOST) if path.suffix.lower() == ".csv" else rows_of(path, MOST)
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
    if name != "source" and not any(normalised(text) for text in values):
        raise OpenbookError(f"{where}: the {name} {shortened(values[0])!r} has no word to look for: give more of it")
    return tuple(values)


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
