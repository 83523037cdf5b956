"""A recipe as a plain table, and where two of these differ."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, cast


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


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("Sequence[Any]", value)]
    return value
