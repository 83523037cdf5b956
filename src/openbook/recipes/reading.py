"""A recipe's file, and changes to it from a command line."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

from openbook.errors import OpenbookError
from openbook.recipes.building import BadRecipe, MissingKey, build, nearest
from openbook.recipes.keys import names, not_none
from openbook.toml_file import toml_table

LARGEST = 1_000_000
"""Bytes of a recipe file."""

T = TypeVar("T")


def read(path: Path, kind: type[T], changes: Sequence[str] = (), new: str = "") -> T:
    """The file as ``kind``, a dataclass; changes: ``table.key=value``, applied over it. Raises BadRecipe.

    new: the command that prints a whole recipe, named where the file, or a key that it must have, is missing.
    """
    try:
        return build(changed(load(path, new), kind, changes), kind, str(path))
    except MissingKey as error:
        if not new:
            raise
        raise MissingKey(f"{error}: `{new}` prints a recipe with every key") from None


def load(path: Path, new: str = "") -> dict[str, Any]:
    """The file's table as TOML has it; new: as in ``read``. Raises BadRecipe."""
    if new and not path.exists():
        raise BadRecipe(f"there is no recipe {path}: check the spelling, or begin one with `{new} > {path}`")
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
            raise BadRecipe(f"there is no recipe key {key}{nearest(key, known)}")
        *tables, last = key.split(".")
        inner = result
        for name in tables:
            deeper: Any = inner.setdefault(name, {})
            if not isinstance(deeper, dict):
                raise BadRecipe(f"the recipe's {name} is no table, so {key} cannot be set in it")
            inner = cast("dict[str, Any]", deeper)
        inner[last] = _typed(text.strip(), known[key])
    return result


def _typed(text: str, hint: Any) -> Any:
    """What was typed behind ``key=``: words as they are, all else as TOML has it."""
    if get_origin(hint) in (Union, UnionType):
        if text in ("", "none"):
            return None
        hint = not_none(hint)
    if hint is str or (get_origin(hint) is Literal and all(isinstance(choice, str) for choice in get_args(hint))):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
    except tomllib.TOMLDecodeError:
        return text  # of the wrong type, which is said where types are checked


def _copied(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _copied(cast("dict[str, Any]", value)) if isinstance(value, dict) else value
        for key, value in table.items()
    }
