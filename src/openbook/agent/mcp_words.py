"""What a server says of its tools is outside text: which of it is shown, how it is cleaned, and to what length.

A tool's description can hold orders to the model that reads it ("tool poisoning"). Until a person has read and accepted
a server's words, a planner is shown none of its prose: a tool is described by its name and the names and types of its
arguments, each a short word. An accepted text is shown without what cannot be seen.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import cast

from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.values import Json

LONGEST_DESCRIPTION, LONGEST_NOTE = 2_000, 300
"""Characters of a tool's description, and of what its schema says of an argument."""

_NAME = re.compile(r"[A-Za-z0-9_./-]{1,64}")
_ARGUMENT = re.compile(r"[A-Za-z0-9_$.@-]{1,64}")
_WORD = re.compile(r"[A-Za-z0-9_$#.:/@+-]{1,64}")
_SHAPE = frozenset(
    "type properties required items prefixItems enum const anyOf oneOf allOf additionalProperties minimum maximum "
    "exclusiveMinimum exclusiveMaximum minLength maxLength minItems maxItems uniqueItems multipleOf format $ref $defs "
    "definitions".split()
)
"""Keywords that say what a value may be, and hold no prose."""
_TABLES = ("properties", "$defs", "definitions")
_NOTES = ("description", "title")


def cleaned(text: str, most: int) -> str:
    """Without control, format and private characters, so that what is read is what is seen; cut at ``most``."""
    seen = "".join(
        " " if character.isspace() else "" if unicodedata.category(character)[0] == "C" else character
        for character in text[: 4 * most]
    )
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def checked_name(name: str, server: str) -> str:
    """Raises OpenbookError for a name that is no short word: it would be read as text wherever tools are listed."""
    if not _NAME.fullmatch(name):
        raise OpenbookError(f"the MCP server {server} names a tool {shortened(name)!r}: it cannot be used safely")
    return name


def plain_description(server: str, name: str, schema: Mapping[str, Json]) -> str:
    """Of short words alone, for a tool whose own description nobody has accepted."""
    words = " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])|[_./-]+", " ", name).split()).lower()
    properties = schema.get("properties")
    arguments = ", ".join(properties) if isinstance(properties, Mapping) else ""
    return f"{words}: a tool of the MCP server {server}" + (f", given {arguments}" if arguments else "")


def shown_schema(schema: Mapping[str, Json], *, notes: bool) -> dict[str, Json]:
    """The part of a checked schema that a planner is shown. notes: its prose too, cleaned, since it was accepted."""
    shown: dict[str, Json] = {}
    for key, value in schema.items():
        if notes and key in _NOTES and isinstance(value, str):
            shown[key] = cleaned(value, LONGEST_NOTE)
        elif key in _TABLES and isinstance(value, Mapping):
            inner = {name: _shown(each, notes) for name, each in value.items() if _ARGUMENT.fullmatch(name)}
            shown[key] = cast("Json", inner)
        elif key in _SHAPE and _is_shown(key, value):
            shown[key] = _shown(value, notes)
    return shown


def is_plain(value: Json) -> bool:
    """Whether nothing can be said with it: one short word, a number, a truth value or nothing."""
    return bool(_WORD.fullmatch(value)) if isinstance(value, str) else not isinstance(value, Mapping | Sequence)


def _shown(value: Json, notes: bool) -> Json:
    if isinstance(value, Mapping):
        return shown_schema(value, notes=notes)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_shown(each, notes) for each in value]
    return value


def _is_shown(key: str, value: Json) -> bool:
    """Values to choose from are shown where each is one short word; whatever they are, a call is held to them."""
    if key not in ("enum", "const", "required", "format", "type", "$ref"):
        return True
    return all(
        is_plain(each) for each in (value if isinstance(value, Sequence) and not isinstance(value, str) else [value])
    )
