"""A recipe: a TOML file read into frozen dataclasses, with ``key=value`` changes, so that no setting is silently lost.

Every key has a type, the one of its field; an unknown key is refused with the nearest known name, and a missing one by
its own. A field may be a string, number, truth value, ``Literal``, tuple of one of these, mapping of strings, one of
these or None, or another dataclass, which is a table of the file.
"""

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from openbook.errors import OpenbookError
from openbook.toml_file import toml_table

LARGEST = 1_000_000
"""Bytes of a recipe file."""

_MOST_NAMED = 16
"""Keys that an error lists; of more, their tables."""

T = TypeVar("T")


class BadRecipe(OpenbookError):
    """A recipe that cannot be read, or that says something no field is for."""


def read(path: Path, kind: type[T], changes: Sequence[str] = ()) -> T:
    """The file as ``kind``, a dataclass; changes: ``table.key=value``, applied over it. Raises BadRecipe."""
    return build(changed(load(path), kind, changes), kind, str(path))


def load(path: Path) -> dict[str, Any]:
    """The file's table as TOML has it. Raises BadRecipe."""
    try:
        return toml_table(path, "recipe", LARGEST)
    except OpenbookError as error:
        raise BadRecipe(str(error)) from None


def changed(table: Mapping[str, Any], kind: type[Any], changes: Sequence[str]) -> dict[str, Any]:
    """A copy of the table with each ``table.key=value`` in its place, the value typed by the field it is for."""
    result = _copied(table)
    known = names(kind)
    for change in changes:
        key, equals, text = change.partition("=")
        key = key.strip()
        if not equals:
            raise BadRecipe(f"{change!r} is no change to a recipe: write key=value, as in {next(iter(known))}=…")
        if key not in known:
            raise BadRecipe(f"there is no recipe key {key}{_nearest(key, known)}")
        *tables, last = key.split(".")
        inner = result
        for name in tables:
            deeper: Any = inner.setdefault(name, {})
            if not isinstance(deeper, dict):
                raise BadRecipe(f"the recipe's {name} is no table, so {key} cannot be set in it")
            inner = cast("dict[str, Any]", deeper)
        inner[last] = _typed(text.strip(), known[key])
    return result


def build(table: Mapping[str, Any], kind: type[T], where: str) -> T:
    """The table as ``kind``; where: what to call it in an error. Raises BadRecipe, or what the class itself does."""
    return cast("T", _build(table, kind, where, ""))


def names(kind: type[Any], prefix: str = "") -> dict[str, Any]:
    """Every key of the recipe, dotted, with its type."""
    found: dict[str, Any] = {}
    for key, hint in _fields(kind).items():
        table = _table_of(hint)
        if table is not hint:
            found[prefix + key] = hint  # a value, or a table that may also be none
        if table is not None:
            found |= names(table, f"{prefix}{key}.")
    return found


def as_table(recipe: Any) -> dict[str, Any]:
    """The recipe as plain values that JSON and TOML can hold; ``build`` makes it again."""
    return cast("dict[str, Any]", _plain(dataclasses.asdict(recipe)))


def differing(first: Mapping[str, Any], second: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The dotted keys whose values differ between two tables, in the order of the first."""
    keys: list[str] = []
    for key in [*first, *(key for key in second if key not in first)]:
        left: Any = first.get(key)
        right: Any = second.get(key)
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            keys += differing(cast("Mapping[str, Any]", left), cast("Mapping[str, Any]", right), f"{prefix}{key}.")
        elif (type(cast("object", left)), left) != (type(cast("object", right)), right):
            keys.append(prefix + key)
    return keys


def _build(table: Mapping[str, Any], kind: type[Any], where: str, prefix: str, otherwise: Any = None) -> Any:
    """otherwise: what the table would be if it were left out, whose values also stand for the keys that it leaves out;
    None for the class's own.
    """
    fields = _fields(kind)
    for key in table:
        if key not in fields:
            raise BadRecipe(
                f"{where}: unknown key {prefix}{key}{_nearest(prefix + key, [prefix + name for name in fields])}"
            )
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        hint = fields.get(field.name)
        if hint is None:
            continue
        full = prefix + field.name
        if field.name in table:
            values[field.name] = _value(table[field.name], hint, where, full, _default(field, otherwise))
        elif otherwise is not None:
            values[field.name] = getattr(otherwise, field.name)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise BadRecipe(f"{where}: the key {full} is missing")
    return kind(**values)


def _default(field: Any, otherwise: Any) -> Any:
    """What a field is when nothing is said of it; None where something must be."""
    if otherwise is not None:
        return getattr(otherwise, field.name)
    return field.default_factory() if callable(field.default_factory) else None


def _value(value: Any, hint: Any, where: str, key: str, otherwise: Any = None) -> Any:
    if dataclasses.is_dataclass(hint):
        if isinstance(value, dict):
            inside = otherwise if type(otherwise) is hint else None
            return _build(cast("dict[str, Any]", value), cast("type[Any]", hint), where, f"{key}.", inside)
    elif get_origin(hint) is Literal:
        if value in get_args(hint):
            return value
        close = get_close_matches(str(value), list(map(str, get_args(hint))), 1, 0.5)
        meant = f" (do you mean {close[0]!r}?)" if close else ""
        choices = ", ".join(repr(choice) for choice in get_args(hint))
        raise BadRecipe(f"{where}: {key} is {value!r}{meant}, and may be {choices}")
    elif get_origin(hint) in (Union, UnionType):
        return None if value is None else _value(value, _not_none(hint), where, key, otherwise)
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


def _typed(text: str, hint: Any) -> Any:
    """What was typed behind ``key=``: words as they are, all else as TOML has it."""
    if get_origin(hint) in (Union, UnionType):
        if text in ("", "none"):
            return None
        hint = _not_none(hint)
    if hint is str or (get_origin(hint) is Literal and all(isinstance(choice, str) for choice in get_args(hint))):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
    except tomllib.TOMLDecodeError:
        return text  # of the wrong type, which is said where types are checked


def _fields(kind: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


def _table_of(hint: Any) -> type[Any] | None:
    """The dataclass that a key's value is read into, where it is a table that must or may be there."""
    inner = _not_none(hint) if get_origin(hint) in (Union, UnionType) else hint
    return cast("type[Any]", inner) if dataclasses.is_dataclass(inner) else None


def _not_none(hint: Any) -> Any:
    return next(choice for choice in get_args(hint) if choice is not NoneType)


def _in_words(hint: Any) -> str:
    if dataclasses.is_dataclass(hint):
        return "a table"
    if get_origin(hint) is tuple:
        return f"a list, each {_in_words(get_args(hint)[0])}"
    if get_origin(hint) is not None:
        return "a table of texts"
    return {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false"}[hint]


def _nearest(key: str, known: Iterable[str]) -> str:
    """``; the nearest known is x``, by the whole name or by its last part."""
    known = list(known)
    by_last = [name for name in known if name.rsplit(".", 1)[-1] == key.rsplit(".", 1)[-1]]
    close = by_last or get_close_matches(key, known, 1, 0.5)
    if close:
        return f": do you mean {close[0]}?"
    tables = dict.fromkeys(name.rpartition(".")[0] or name for name in known)
    shown = known if len(known) <= _MOST_NAMED else [f"{t}.…" if t not in known else t for t in tables]
    return f"; known here: {', '.join(shown)}"


def _copied(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _copied(cast("dict[str, Any]", value)) if isinstance(value, dict) else value
        for key, value in table.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("Sequence[Any]", value)]
    return value
