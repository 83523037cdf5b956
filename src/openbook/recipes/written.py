"""A whole recipe as TOML: every table and key with its default, or a mark where one must be given, and its meaning."""

import inspect
import json
from collections.abc import Mapping
from dataclasses import MISSING
from dataclasses import fields as fields_of
from textwrap import wrap
from typing import Any, cast

from openbook.recipes.keys import choices, fields, meanings, summary, table_of

_WIDE = 100
"""Columns of a line."""


def whole(kind: type[Any], command: str) -> str:
    """A recipe for ``command`` to begin from. Keys that must be given are empty texts, which the recipe's reader
    refuses or the class itself does; a table that may be left out is commented.
    """
    head = (
        f"A recipe for `{command}`: every key, with its default. Fill in what is REQUIRED; of the rest, what is left "
        f"out keeps its default. {summary(kind)}"
    )
    said, hints, defaults = meanings(kind), fields(kind), _defaults(kind)
    tables = {key: table for key, hint in hints.items() if (table := table_of(hint)) is not None}
    lines = [*_comment(head), ""]
    for key in sorted(hints.keys() - tables, key=lambda key: (defaults[key] is not MISSING, [*hints].index(key))):
        lines += _line(key, hints[key], defaults[key], said.get(key, ""))
    own = {key: -depth for depth, one in enumerate(kind.__mro__[::-1]) for key in inspect.get_annotations(one)}
    for key in sorted(tables, key=lambda key: (defaults[key] is not MISSING, own[key])):  # a method's own come first
        lines += ["", *_table(key, tables[key], defaults[key], said)]
    return "\n".join(lines) + "\n"


def _table(key: str, kind: type[Any], default: Any, said: Mapping[str, str]) -> list[str]:
    """default: an object of its kind; MISSING where the table must be given, None where it may be left out."""
    about = said.get(key) or summary(kind)
    inner = _defaults(kind) if default in (None, MISSING) else {name: getattr(default, name) for name in fields(kind)}
    lines = [f"[{key}]"]
    for name, hint in fields(kind).items():
        lines += _line(name, hint, inner[name], said.get(f"{key}.{name}", ""))
    if default is None:
        about, lines = f"{about} Not in use while these lines begin with #.", [f"# {line}" for line in lines]
    return [*_comment(about[:1].upper() + about[1:]), *lines]


def _defaults(kind: type[Any]) -> dict[str, Any]:
    """MISSING where a key must be given."""
    return {
        one.name: one.default_factory() if one.default_factory is not MISSING else one.default
        for one in fields_of(kind)
        if one.init
    }


def _line(key: str, hint: Any, value: Any, meaning: str) -> list[str]:
    """Its meaning behind it where there is room, else above."""
    listed = " or ".join(", ".join(map(json.dumps, choices(hint))).rsplit(", ", 1))
    about = ": ".join(filter(None, ("REQUIRED" if value is MISSING else "", listed, meaning)))
    line = f"{key} = {_toml('' if value is MISSING else value)}"
    if len(line) + len(about) + 4 <= _WIDE:
        return [f"{line}  # {about}" if about else line]
    return [*_comment(about), line]


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, _WIDE - 2, break_on_hyphens=False, break_long_words=False)]


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, cast('tuple[Any, ...]', value)))}]"
    return repr(value)
