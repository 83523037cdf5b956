"""The JSON schemas that a parse step may ask for: a small part of the language, enough for a value to be used.

No references, which could name anything, and no patterns, which a text could make slow to match.
"""

from collections.abc import Mapping, Sequence

from openbook.json_lines import shortened
from openbook.values import Json

TYPES = ("string", "number", "integer", "boolean", "null", "array", "object")
KEYWORDS = frozenset(
    "type enum items properties required additionalProperties description format minimum maximum minItems maxItems "
    "minLength maxLength".split()
)
MOST_NODES = 64
"""Schemas within one."""


def schema_fault(schema: Mapping[str, Json]) -> str:
    """Why a step cannot ask for it, in a few words; empty where it can."""
    pending: list[Json] = [schema]
    for seen, found in enumerate(pending):
        if seen >= MOST_NODES:
            return f"the schema has more than {MOST_NODES} parts, ask for less"
        if not isinstance(found, Mapping):
            return 'a part of the schema is no object, write one as {"type": "string"}'
        if fault := _fault_of(found):
            return fault
        properties = found.get("properties", {})
        pending += properties.values() if isinstance(properties, Mapping) else []
        pending += [found["items"]] if "items" in found else []
    return ""


def _fault_of(schema: Mapping[str, Json]) -> str:
    if strange := [name for name in schema if name not in KEYWORDS]:
        return f"the schema has {shortened(strange[0], 40)!r}, it may have {', '.join(sorted(KEYWORDS))}"
    kind = schema.get("type")
    if "enum" in schema:
        listed = schema["enum"]
        return "" if isinstance(listed, Sequence) and not isinstance(listed, str) and listed else "enum is no list"
    if kind not in TYPES:
        return f"the type of the schema is one of {', '.join(TYPES)}"
    if not isinstance(schema.get("properties", {}), Mapping):
        return "properties is no object"
    if kind == "object" and not schema.get("properties"):
        return "an object of the schema names no properties, add them"
    if kind == "array" and "items" not in schema:
        return "an array of the schema says no items, add them"
    return ""
