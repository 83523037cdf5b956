"""The JSON schema of the plans that can be made of some tools: what a model's output is held to while it is written.

It rules out unknown tools, unknown arguments and literals of the wrong type before a token of them is written. Which
step comes before which, no schema says: ``plan_faults`` does.
"""

from collections.abc import Iterable, Mapping, Sequence

from openbook.agent.parse_schema import TYPES
from openbook.agent.plan import MOST_STEPS
from openbook.agent.plan_faults import required_of
from openbook.agent.tool import Tool
from openbook.values import Json

_SCALARS = ("string", "number", "integer", "boolean", "null")
_ID: Json = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"}
_PATH: Json = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 0}]}}


def plan_schema(tools: Sequence[Tool]) -> dict[str, Json]:
    """For ``Decoding.schema``. What a tool's own schema refers to stands among the definitions, under its number."""
    definitions: dict[str, Json] = {
        "id": _ID,
        "result": closed({"result": {"$ref": "#/$defs/id"}, "path": _PATH}, ["result"]),
        "item": closed({"item": _PATH}),
        "template": closed(
            {
                "template": {"type": "string"},
                "fields": {"type": "object", "additionalProperties": {"$ref": "#/$defs/term"}},
            }
        ),
        "reference": any_of({"$ref": f"#/$defs/{name}"} for name in ("result", "item", "template")),
        "scalar": {"type": list(_SCALARS)},
        "list": any_of([{"type": "array", "items": {"$ref": "#/$defs/scalar"}}, {"$ref": "#/$defs/reference"}]),
        "term": any_of([{"$ref": "#/$defs/scalar"}, {"$ref": "#/$defs/list"}]),
        "asked": _asked(),
    }
    steps: list[Json] = [
        closed(
            {
                "id": {"$ref": "#/$defs/id"},
                "parse": {"$ref": "#/$defs/reference"},
                "question": {"type": "string", "minLength": 1},
                "schema": {"$ref": "#/$defs/asked"},
            }
        )
    ]
    for number, tool in enumerate(tools):
        arguments, moved = _arguments(tool, f"tool{number}.")
        definitions |= moved
        fields: dict[str, Json] = {"id": {"$ref": "#/$defs/id"}, "tool": {"const": tool.name}, "arguments": arguments}
        steps.append(closed(fields | {"each": {"$ref": "#/$defs/list"}}, list(fields)))
    listed: dict[str, Json] = {"type": "array", "items": any_of(steps), "maxItems": MOST_STEPS}
    return {**closed({"steps": listed, "answer": {"$ref": "#/$defs/term"}}), "$defs": definitions}


def closed(properties: Mapping[str, Json], required: Sequence[str] | None = None) -> dict[str, Json]:
    """An object of these fields and no others; all are required where not said."""
    needed = list(properties) if required is None else list(required)
    return {"type": "object", "properties": dict(properties), "required": needed, "additionalProperties": False}


def any_of(schemas: Iterable[Json]) -> dict[str, Json]:
    """What any of these allows."""
    return {"anyOf": list(schemas)}


def literal_of(tool: Tool, prefix: str) -> tuple[dict[str, Json], dict[str, Json]] | None:
    """The schema of each argument's values and the definitions they need, renamed; None where they refer elsewhere."""
    properties, own = tool.schema.get("properties", {}), tool.schema.get("$defs", {})
    if not isinstance(properties, Mapping) or not isinstance(own, Mapping):
        return None
    try:
        moved = {f"{prefix}{name}": _moved(each, prefix) for name, each in own.items()}
        return {name: _moved(each, prefix) for name, each in properties.items()}, moved
    except ValueError:
        return None


def _arguments(tool: Tool, prefix: str) -> tuple[Json, dict[str, Json]]:
    found = literal_of(tool, prefix)
    if found is None:  # its check still says what is wrong
        return {"type": "object", "additionalProperties": {"$ref": "#/$defs/term"}}, {}
    literals, moved = found
    terms: dict[str, Json] = {
        name: any_of([each if _plain(each) else closed({"given": each}), {"$ref": "#/$defs/reference"}])
        for name, each in literals.items()
    }
    return closed(terms, [name for name in required_of(tool) if name in terms]), moved


def _moved(schema: Json, prefix: str) -> Json:
    """With its references to ``#/$defs/`` renamed. Raises ValueError where it refers to anything else."""
    if isinstance(schema, Mapping):
        entries = {key: _moved(value, prefix) for key, value in schema.items() if key != "discriminator"}
        reference = entries.get("$ref")
        if isinstance(reference, str):
            if not reference.startswith("#/$defs/"):
                raise ValueError(reference)
            entries["$ref"] = f"#/$defs/{prefix}{reference.removeprefix('#/$defs/')}"
        return entries
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return [_moved(each, prefix) for each in schema]
    return schema


def _plain(schema: Json) -> bool:
    """Whether all it allows stands for itself in a plan: no objects, no lists that may hold one."""
    if not isinstance(schema, Mapping):
        return False
    choices = schema.get("anyOf")
    if isinstance(choices, Sequence) and not isinstance(choices, str):
        return all(_plain(each) for each in choices)
    if schema.get("type") == "array":
        return _plain(schema.get("items"))
    listed = schema.get("enum", [schema.get("const", {})])
    scalar = isinstance(listed, Sequence) and all(isinstance(each, str | int | float | None) for each in listed)
    return schema.get("type") in _SCALARS or scalar


def _asked() -> dict[str, Json]:
    """The schemas that a parse step may ask for, as far as a model needs them."""
    itself: Json = {"$ref": "#/$defs/asked"}
    simple = [kind for kind in TYPES if kind not in ("array", "object")]
    fields: Json = {"type": "object", "additionalProperties": itself}
    names: Json = {"type": "array", "items": {"type": "string"}}
    return any_of(
        [
            closed({"type": {"enum": simple}}),
            closed({"type": {"const": "string"}, "enum": names}),
            closed({"type": {"const": "array"}, "items": itself}),
            closed({"type": {"const": "object"}, "properties": fields, "required": names}),
        ]
    )
