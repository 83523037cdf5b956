"""Recorded judgements from a file: scores beside people's, or verdicts on pairs in both orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openbook.cli.audit_fields import (
    LARGEST,
    choice_of,
    each_of,
    is_null,
    length_of,
    lengths_of,
    names_of,
    null_side,
    number_of,
    said,
)
from openbook.errors import OpenbookError
from openbook.evaluate.audit.null_answer import NullScore
from openbook.evaluate.audit.whole import Judgements
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.position_bias import Compared
from openbook.json_lines import rows_of, shortened

MOST_ROWS = 500_000
FIELDS = "score and human, or choice and choice_swapped"


@dataclass(frozen=True, slots=True)
class Recorded:
    """unread: rows whose score or verdict could not be read, left out."""

    rows: int
    unread: int
    judgements: Judgements


@dataclass(slots=True)
class _Read:
    scored: list[Scored] = field(default_factory=list[Scored])
    compared: list[Compared] = field(default_factory=list[Compared])
    nulls: list[NullScore] = field(default_factory=list[NullScore])


def recorded(path: Path, scale: str | None = None) -> Recorded:
    """Raises OpenbookError in one line for a file that holds neither kind. scale: ``LOW..HIGH``, which scores keep."""
    if str(path) == "-":
        raise OpenbookError("judgements are read from a file, not from standard input: save them, and name the file")
    ends = None if scale is None else scale_of(scale)
    read = _Read()
    unread = total = 0
    for number, row in rows_of(path, MOST_ROWS):
        total += 1
        unread += not _take(row, f"{path}:{number}", ends, read)
    if not read.scored and not read.compared:
        raise OpenbookError(f"{path} holds no judgement that can be read: each line needs {FIELDS}")
    return Recorded(total, unread, Judgements(read.scored, read.compared, read.nulls, ends))


def scale_of(typed: str) -> tuple[float, float]:
    """``1..5``"""
    low, dots, high = typed.partition("..")
    try:
        ends = float(low), float(high)
    except ValueError:
        ends = 0.0, 0.0
    if not dots or not -LARGEST < ends[0] < ends[1] < LARGEST:
        raise OpenbookError(f"--scale {shortened(typed)} is no scale: write its ends as in --scale 1..5")
    return ends


def _take(row: Mapping[str, Any], where: str, scale: tuple[float, float] | None, read: _Read) -> bool:
    """Whether a judgement could be read from the row."""
    if "score" in row and ("human" in row or "human_each" in row or is_null(row)):
        return _take_score(row, where, scale, read)
    if "choice" in row and "choice_swapped" in row:
        choice, swapped = (choice_of(row, name, where) for name in ("choice", "choice_swapped"))
        if choice is None or swapped is None:
            return False
        human, lengths, null = choice_of(row, "human_choice", where), lengths_of(row, where), null_side(row, where)
        name = " ".join(said(row, each) for each in ("id", "system_1", "system_2") if row.get(each) is not None)
        read.compared.append(
            Compared(*names_of(row, where), choice, swapped, human, said(row, "doc_id"), lengths, null, name)
        )
        return True
    raise OpenbookError(f"{where} is no recorded judgement: each line needs {FIELDS}")


def _take_score(row: Mapping[str, Any], where: str, scale: tuple[float, float] | None, read: _Read) -> bool:
    score = number_of(row.get("score"), "score", where, scale)
    if score is None:
        return False
    if is_null(row):
        read.nulls.append(NullScore(*names_of(row, where), said(row, "doc_id"), score))
        return True
    each = each_of(row, where, scale)
    there = [value for value in each if value is not None]
    human = number_of(row.get("human"), "human", where, scale)
    if human is None and there:
        human = sum(there) / len(there)
    if human is None:
        return False
    length = length_of(row, "length", "candidate", where)
    about = said(row, "doc_id"), said(row, "system")
    read.scored.append(Scored(*names_of(row, where), *about, score, human, length, each, said(row, "id")))
    return True
