"""One field of a recorded judgement at a time, refused in one line where it is not what it should be."""

from collections.abc import Mapping
from typing import Any, cast

from openbook.errors import OpenbookError

LARGEST = 1e100
LONGEST_NAME = 200
MOST_PERSONS = 50
NULL = "null"
"""The name of a system whose texts are constant answers."""


def names_of(row: Mapping[str, Any], where: str) -> tuple[str, str]:
    """Judge, with its method where there is one, and what was judged."""
    judge = " ".join(name for field in ("judge", "method") if (name := _name(row, field, where)))
    return judge or "judge", _name(row, "dimension", where) or "score"


def _name(row: Mapping[str, Any], field: str, where: str) -> str:
    """Whole, for two names that are alike at first are two; several in a list are one name together."""
    given: Any = row.get(field)
    listed = cast("list[Any]", given) if isinstance(given, list) else [given]
    if not all(each is None or isinstance(each, str | int | float) for each in listed):
        raise OpenbookError(f"{where}: {field} is no name, and no list of names: write it as one text")
    name = " ".join(", ".join(str(each) for each in listed if each is not None).split())
    if len(name) > LONGEST_NAME:
        raise OpenbookError(f"{where}: {field} has over {LONGEST_NAME} characters: give it a shorter name")
    return name


def said(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name, ""))


def is_null(row: Mapping[str, Any]) -> bool:
    return row.get("null") is True or row.get("system") == NULL


def null_side(row: Mapping[str, Any], where: str) -> int:
    """1 or 2 where that text of a pair is a constant answer, else 0."""
    marked = row.get("null")
    if marked is None or marked is False:
        return 1 if row.get("system_1") == NULL else 2 if row.get("system_2") == NULL else 0
    if isinstance(marked, bool) or marked not in (1, 2):
        raise OpenbookError(f"{where}: null is not 1 or 2, the constant text of the pair: mend it, or leave it out")
    return int(marked)


def number_of(value: object, name: str, where: str, scale: tuple[float, float] | None = None) -> float | None:
    """None for null: a response that nothing could be read from."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise OpenbookError(
            f"{where}: {name} is no number of ordinary size: mend it, or write null where there is none"
        )
    if scale and not scale[0] <= value <= scale[1]:
        ends = f"{scale[0]:g}..{scale[1]:g}"
        raise OpenbookError(
            f"{where}: {name} {value:g} lies outside of --scale {ends}: mend it, or state another scale"
        )
    return float(value)


def each_of(row: Mapping[str, Any], where: str, scale: tuple[float, float] | None) -> tuple[float | None, ...]:
    given = row.get("human_each")
    if given is None:
        return ()
    if not isinstance(given, list) or len(cast("list[object]", given)) > MOST_PERSONS:
        raise OpenbookError(
            f"{where}: human_each is no list of at most {MOST_PERSONS} scores: mend it, or leave it out"
        )
    return tuple(number_of(value, "human_each", where, scale) for value in cast("list[object]", given))


def length_of(row: Mapping[str, Any], name: str, text: str, where: str) -> float | None:
    """As counted in the file, else the words of the text, where either is there."""
    if row.get(name) is not None:
        return number_of(row[name], name, where)
    words = row.get(text)
    return float(len(words.split())) if isinstance(words, str) else None


def lengths_of(row: Mapping[str, Any], where: str) -> tuple[float, float] | None:
    first = length_of(row, "length_1", "first", where)
    second = length_of(row, "length_2", "second", where)
    return None if first is None or second is None else (first, second)


def choice_of(row: Mapping[str, Any], name: str, where: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or value not in (0, 1, 2):
        raise OpenbookError(f"{where}: {name} is not 1, 2 or 0 for a tie: mend it, or write null where none was given")
    return int(value)
