"""The keys of a recipe: which there are, what type each has, and what its class's docstring says that it means."""

import dataclasses
import inspect
import re
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints


def names(kind: type[Any], prefix: str = "") -> dict[str, Any]:
    """Every key of the recipe, dotted, with its type."""
    found: dict[str, Any] = {}
    for key, hint in fields(kind).items():
        table = table_of(hint)
        if table is not hint:
            found[prefix + key] = hint  # a value, or a table that may also be none
        if table is not None:
            found |= names(table, f"{prefix}{key}.")
    return found


def fields(kind: type[Any]) -> dict[str, Any]:
    """The keys of one table, with their types."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


def required(kind: type[Any]) -> list[str]:
    """The keys of one table that have no default."""
    none = dataclasses.MISSING
    return [one.name for one in dataclasses.fields(kind) if one.init and one.default is none is one.default_factory]


def meanings(kind: type[Any]) -> dict[str, str]:
    """What the docstrings say of every key and table, dotted: ``key: what it means.``, or ``key, key: ...`` of several.

    The recipe's own docstring may speak of a key of a table, as ``train.batch: pairs a step.``, and then has the word.
    """
    found: dict[str, str] = {}
    for key, hint in fields(kind).items():
        if (table := table_of(hint)) is not None:
            found |= {f"{key}.{name}": text for name, text in meanings(table).items()}
    known = {*fields(kind), *names(kind)}
    for one in reversed(kind.__mro__):
        for paragraph in _paragraphs(one):
            found |= _said(paragraph, known)
    return found


def summary(kind: type[Any]) -> str:
    """What the class's docstring says before it comes to a key."""
    first = next(iter(_paragraphs(kind)), "")
    starts = _entry({*fields(kind), *names(kind)}).search(first)
    return first[: starts.start() if starts else None].strip()


def table_of(hint: Any) -> type[Any] | None:
    """The dataclass that a key's value is read into, where it is a table that must or may be there."""
    inner = not_none(hint) if get_origin(hint) in (Union, UnionType) else hint
    return cast("type[Any]", inner) if dataclasses.is_dataclass(inner) else None


def not_none(hint: Any) -> Any:
    """The type beside None."""
    return next(choice for choice in get_args(hint) if choice is not NoneType)


def choices(hint: Any) -> tuple[Any, ...]:
    """What a value may be where its type, or that of each of several, lists it."""
    if get_origin(hint) is tuple:
        return choices(get_args(hint)[0])
    return get_args(hint) if get_origin(hint) is Literal else ()


def _paragraphs(kind: type[Any]) -> list[str]:
    text = inspect.cleandoc(kind.__dict__.get("__doc__") or "")
    if text.startswith(f"{kind.__name__}("):  # written by dataclass where there is none
        return []
    return [" ".join(paragraph.replace("``", "`").split()) for paragraph in text.split("\n\n")]


def _said(paragraph: str, known: set[str]) -> dict[str, str]:
    found = list(_entry(known).finditer(paragraph))
    ends = [*(one.start() for one in found), len(paragraph)][1:]
    return {
        key: paragraph[one.end() : end].strip().removesuffix(";")
        for one, end in zip(found, ends, strict=False)  # both empty where nothing is said of a key
        for key in one["keys"].split(", ")
    }


def _entry(known: set[str]) -> re.Pattern[str]:
    """``key: `` or ``key, key: `` where a sentence begins."""
    key = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    return re.compile(rf"(?:^|(?<=[.;] ))(?P<keys>(?:{key})(?:, (?:{key}))*): ")
