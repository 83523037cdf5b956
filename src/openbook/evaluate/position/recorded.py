"""Rows from records of anyone's: of this package's own runs, or needle runs with a length, a depth and a grade."""

from collections.abc import Mapping
from typing import Any

from openbook.evaluate.position.probe import UNITS, Row
from openbook.evaluate.scores import BadScores
from openbook.json_lines import shortened

RIGHT_FROM = 7
"""The grade of 1 to 10 from which a needle counts as found: told in essence (Kamradt's scale)."""

LONGEST = 10**9

FIELDS = "context_length, depth_percent and score (1 to 10), or length, depth (0 to 1) and right (0 to 1)"


def is_graded(record: Mapping[str, Any]) -> bool:
    """Whether a record has a grade from 1 to 10, and not how right the answer is."""
    return {"context_length", "depth_percent", "score"} <= record.keys()


def row_of(record: Mapping[str, Any], where: str) -> Row | None:
    """The row; None where the grade, or right, is null.

    Raises BadScores, beginning with ``where``, for what is no record.
    """
    if is_graded(record):
        length, depth, grade = (_number(record, name, where) for name in ("context_length", "depth_percent", "score"))
        if grade is not None and not 1 <= grade <= 10:
            raise BadScores(f"{where}: score is no grade from 1 to 10: mend it, or write null where there is none")
        right = None if grade is None else float(grade >= RIGHT_FROM)
        depth = None if depth is None else depth / 100
        item, kind = str(record.get("needle") or "needle"), "needle"
    elif {"length", "depth", "right"} <= record.keys():
        length, depth, right = (_number(record, name, where) for name in ("length", "depth", "right"))
        item, kind = str(record.get("item") or "item"), str(record.get("kind") or "needle")
    else:
        raise BadScores(f"{where} is no recorded probe: each line needs {FIELDS}")
    if length is None or not 1 <= length <= LONGEST or length != int(length):
        raise BadScores(f"{where}: the length is no whole number from 1 to {LONGEST:,}: mend it")
    if depth is None or not 0 <= depth <= 1:
        raise BadScores(f"{where}: the depth lies outside the context: mend it")
    if right is not None and not 0 <= right <= 1:
        raise BadScores(f"{where}: right is no share from 0 to 1: mend it")
    if kind not in UNITS:
        raise BadScores(f"{where}: kind is none of {', '.join(UNITS)}: mend it")
    return None if right is None else Row(kind, shortened(item, 200), int(length), depth, right)


def _number(record: Mapping[str, Any], name: str, where: str) -> float | None:
    value = record[name]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LONGEST:
        raise BadScores(f"{where}: {name} is no number of ordinary size: mend it, or write null where there is none")
    return float(value)
