"""A table made into the dataclass that it is for, every fault in one line."""

import dataclasses
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

from openbook.errors import OpenbookError
from openbook.recipes.keys import fields, not_none, required

_MOST_NAMED = 16
"""Keys that an error lists; of more, their tables."""

T = TypeVar("T")


class BadRecipe(OpenbookError):
    """A recipe that cannot be read, or that says something no field is for."""


class MissingKey(BadRecipe):
    """A recipe without a key that has no default."""


def build(table: Mapping[str, Any], kind: type[T], where: str) -> T:
    """The table as ``kind``; where: what to call it in an error. Raises BadRecipe, or what the class itself does."""
    return cast("T", _build(table, kind, where, ""))


def _build(table: Mapping[str, Any], kind: type[Any], where: str, prefix: str, otherwise: Any = None) -> Any:
    """otherwise: what the table would be if it were left out, whose values also stand for the keys that it leaves out;
    None for the class's own.
    """
    known = fields(kind)
    for key in table:
        if key not in known:
            raise BadRecipe(f"{where}: unknown key {prefix}{key}{nearest(prefix + key, [prefix + k for k in known])}")
    values = {} if otherwise is None else {key: getattr(otherwise, key) for key in known}
    for field in dataclasses.fields(kind):
        if field.name in table:
            hint, default = known[field.name], _default(field, otherwise)
            values[field.name] = _value(table[field.name], hint, where, prefix + field.name, default)
    for key in required(kind):
        if key not in values:
            raise MissingKey(f"{where}: the key {prefix}{key} is missing")
    try:
        return kind(**values)
    except OpenbookError as error:  # which begins with the key's own name: a table does not know what it is called here
        if not prefix or str(error).partition(" ")[0].rstrip(":") not in known:
            raise
        raise BadRecipe(f"{where}: {prefix}{error}") from None


def _default(field: "dataclasses.Field[Any]", otherwise: Any) -> Any:
    """What a field is when nothing is said of it; None where something must be."""
    if otherwise is not None:
        return getattr(otherwise, field.name)
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else None


def _value(value: Any, hint: Any, where: str, key: str, otherwise: Any = None) -> Any:
    if dataclasses.is_dataclass(hint):
        if isinstance(value, dict):
            inside = otherwise if type(otherwise) is hint else None
            return _build(cast("dict[str, Any]", value), cast("type[Any]", hint), where, f"{key}.", inside)
    elif get_origin(hint) is Literal:
        if value in get_args(hint):
            return value
        close = get_close_matches(str(value), list(map(str, get_args(hint))), 1, 0.5)
        meant = f" (do you mean {close[0]!r}?)" if close and close[0] != value else ""
        choices = ", ".join(repr(choice) for choice in get_args(hint))
        raise BadRecipe(f"{where}: {key} is {value!r}{meant}, and may be {choices}")
    elif get_origin(hint) in (Union, UnionType):
        return None if value is None else _value(value, not_none(hint), where, key, otherwise)
    elif get_origin(hint) is tuple:
        if isinstance(value, list):
            return tuple(_value(item, get_args(hint)[0], where, key) for item in cast("list[Any]", value))
    elif get_origin(hint) is not None:  # a mapping of strings
        inner = get_args(hint)[1]
        if isinstance(value, dict):
            items = cast("dict[str, Any]", value).items()
            return {name: _value(item, inner, where, f"{key}.{name}") for name, item in items}
    elif hint is float and type(value) is int:
        return float(value)
    elif type(value) is hint:
        return value
    raise BadRecipe(f"{where}: {key} must be {_in_words(hint)}, not {value!r}")


def _in_words(hint: Any) -> str:
    if dataclasses.is_dataclass(hint):
        return "a table"
    if get_origin(hint) is tuple:
        return f"a list, each {_in_words(get_args(hint)[0])}"
    if get_origin(hint) is not None:
        return "a table of texts"
    return {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false"}[hint]


def nearest(key: str, known: Iterable[str]) -> str:
    """``: do you mean x?``, by the whole name or by its last part; else what is known."""
    known = list(known)
    by_last = [name for name in known if name.rsplit(".", 1)[-1] == key.rsplit(".", 1)[-1]]
    close = by_last or get_close_matches(key, known, 1, 0.5)
    if close:
        return f": do you mean {close[0]}?"
    tables = dict.fromkeys(name.rpartition(".")[0] or name for name in known)
    shown = known if len(known) <= _MOST_NAMED else [f"{t}.…" if t not in known else t for t in tables]
    return f"; known here: {', '.join(shown)}"
