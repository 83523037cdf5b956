"""Evidence as JSON and back, every field checked: a file may come from anywhere."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

from openbook.report.problems import ReportProblem
from openbook.report.record import Evidence, Figure, check_names
from openbook.report.tables import Column, Table

FORMAT = 1
"""Grows when a reader of the former format would misread a file."""

_SHA256 = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


def to_json(evidence: Evidence) -> str:
    """The file's text: indented JSON, keys in the order of ``Evidence``, with a last newline."""
    raw = {field: getattr(evidence, field) for field in Evidence.__slots__}
    raw["figures"] = [{field: getattr(figure, field) for field in Figure.__slots__} for figure in evidence.figures]
    raw["tables"] = {
        key: {
            "title": table.title,
            "columns": [{"name": column.name, "align": column.align} for column in table.columns],
            "rows": table.rows,
            "note": table.note,
        }
        for key, table in evidence.tables.items()
    }
    try:
        return json.dumps({"format": FORMAT, **raw}, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    except (TypeError, ValueError) as problem:
        raise ReportProblem(f"evidence {evidence.name} cannot be written as JSON: {problem}") from problem


def from_json(text: str, where: str) -> Evidence:
    """The evidence of a file's text; ReportProblem, beginning with ``where``, if it is not one of this format."""
    try:
        evidence = _evidence(_object(json.loads(text, parse_constant=_no_constant), "the file"))
        check_names(evidence)
    except (ValueError, RecursionError) as problem:
        raise ReportProblem(f"{where} is not JSON ({str(problem)[:80]}): run its benchmark again") from None
    except ReportProblem as problem:
        raise ReportProblem(f"{where} is not a sound evidence file: {problem}") from None
    return evidence


def _evidence(raw: Mapping[str, object]) -> Evidence:
    if _take(raw, "format", int) != FORMAT:
        raise ReportProblem(f"its format is {raw['format']}, not {FORMAT}: use the openbook that wrote it")
    return Evidence(
        name=_take(raw, "name", str),
        date=_take(raw, "date", str),
        command=_take(raw, "command", str),
        commit=_take(raw, "commit", str),
        tree=_take(raw, "tree", str),
        machine=_take(raw, "machine", str),
        versions=_texts(raw, "versions"),
        seeds=tuple(_each(raw, "seeds", int)),
        inputs=_digests(raw, "inputs"),
        code=tuple(_each(raw, "code", str)),
        digests=_digests(raw, "digests"),
        figures=tuple(_figure(_object(item, "figures")) for item in _each(raw, "figures", object)),
        tables={key: _table(_object(item, key)) for key, item in _object(raw.get("tables"), "tables").items()},
        note=_take(raw, "note", str),
    )


def _figure(raw: Mapping[str, object]) -> Figure:
    low, high, n = raw.get("low"), raw.get("high"), raw.get("n")
    return Figure(
        name=_take(raw, "name", str),
        value=_number(raw, "value"),
        unit=_take(raw, "unit", str),
        low=None if low is None else _number(raw, "low"),
        high=None if high is None else _number(raw, "high"),
        n=None if n is None else _take(raw, "n", int),
        note=_take(raw, "note", str),
        text=_take(raw, "text", str),
    )


def _table(raw: Mapping[str, object]) -> Table:
    columns: list[Column] = []
    for item in _each(raw, "columns", object):
        column = _object(item, "columns")
        align = _take(column, "align", str)
        if align not in ("left", "right", "center"):
            raise ReportProblem(f"a column is aligned {align!r}: it must be left, right or center")
        columns.append(Column(_take(column, "name", str), align))
    rows = tuple(tuple(_each({"row": row}, "row", str)) for row in _each(raw, "rows", object))
    return Table(_take(raw, "title", str), tuple(columns), rows, _take(raw, "note", str))


def _object(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ReportProblem(f"{name} must be an object")
    return cast("dict[str, object]", value)


def _take(raw: Mapping[str, object], key: str, kind: type[T]) -> T:
    value = raw.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ReportProblem(f"{key!r} must be {kind.__name__}, not {type(value).__name__}")
    return value


def _number(raw: Mapping[str, object], key: str) -> float:
    return _take(raw, key, int) if isinstance(raw.get(key), int) else _take(raw, key, float)


def _each(raw: Mapping[str, object], key: str, kind: type[T]) -> Sequence[T]:
    items = cast("list[object]", _take(raw, key, list))
    return [_take({key: item}, key, kind) for item in items]


def _texts(raw: Mapping[str, object], key: str) -> Mapping[str, str]:
    pairs = _object(raw.get(key), key)
    return {name: _take(pairs, name, str) for name in pairs}


def _digests(raw: Mapping[str, object], key: str) -> Mapping[str, str]:
    pairs = _texts(raw, key)
    wrong = [name for name, value in pairs.items() if not _SHA256.fullmatch(value)]
    if wrong:
        raise ReportProblem(f"{key}[{wrong[0]!r}] is not a SHA-256 digest")
    return pairs


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")
