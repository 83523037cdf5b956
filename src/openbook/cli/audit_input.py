"""Recorded judgements from a file: scores beside people's, or verdicts on pairs in both orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openbook.errors import OpenbookError
from openbook.evaluate.judge_agreement import Agreement, Scored, agreements
from openbook.evaluate.position_bias import Compared, Swaps, swaps
from openbook.json_lines import rows_of, shortened

MOST_ROWS = 500_000
LARGEST = 1e100
FIELDS = "score and human, or choice and choice_swapped"


@dataclass(frozen=True, slots=True)
class Audited:
    """unread: rows whose score or verdict could not be read, left out."""

    rows: int
    unread: int
    agreements: list[Agreement]
    swaps: list[Swaps]


def audited(path: Path) -> Audited:
    """Raises OpenbookError in one line for a file that holds neither kind."""
    if str(path) == "-":
        raise OpenbookError("judgements are read from a file, not from standard input: save them, and name the file")
    scored: list[Scored] = []
    compared: list[Compared] = []
    unread = total = 0
    for number, row in rows_of(path, MOST_ROWS):
        total += 1
        where = f"{path}:{number}"
        if "score" in row and "human" in row:
            score, human = (_number(row, name, where) for name in ("score", "human"))
            if score is None or human is None:
                unread += 1
                continue
            scored.append(Scored(*_names(row), str(row.get("doc_id", "")), str(row.get("system", "")), score, human))
        elif "choice" in row and "choice_swapped" in row:
            choice, swapped = (_choice(row, name, where) for name in ("choice", "choice_swapped"))
            if choice is None or swapped is None:
                unread += 1
                continue
            compared.append(Compared(*_names(row), choice, swapped, _choice(row, "human_choice", where)))
        else:
            raise OpenbookError(f"{where} is no recorded judgement: each line needs {FIELDS}")
    if not scored and not compared:
        raise OpenbookError(f"{path} holds no judgement that can be read: each line needs {FIELDS}")
    return Audited(total, unread, agreements(scored), swaps(compared))


def _names(row: Mapping[str, Any]) -> tuple[str, str]:
    """Judge, with its method where there is one, and what was judged."""
    judge = shortened(" ".join(str(row[name]) for name in ("judge", "method") if row.get(name)))
    return judge or "judge", shortened(str(row.get("dimension", "")), 20) or "score"


def _number(row: Mapping[str, Any], name: str, where: str) -> float | None:
    """None for null: a response that nothing could be read from."""
    value = row[name]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise OpenbookError(
            f"{where}: {name} is no number of ordinary size: mend it, or write null where there is none"
        )
    return float(value)


def _choice(row: Mapping[str, Any], name: str, where: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or value not in (0, 1, 2):
        raise OpenbookError(f"{where}: {name} is not 1, 2 or 0 for a tie: mend it, or write null where none was given")
    return int(value)
