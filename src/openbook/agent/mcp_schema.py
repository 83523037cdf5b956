"""A call's arguments held to the schema that a server gave for them, at a cost that the server does not choose.

A schema is a small program: it can refer to itself, double at every level, or search with an expression that never
ends. So its size, depth and the steps of one check are bounded, nothing is fetched, and the keywords whose cost no
count of steps bounds are left to the server.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from json import dumps
from typing import Any, cast

from openbook.agent.mcp_words import is_plain
from openbook.agent.tool import Arguments, BadArguments
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.values import Json

LARGEST_SCHEMA, DEEPEST, MOST_STEPS = 100_000, 30, 50_000
"""Characters of a schema as JSON, levels of it, and keywords looked at in one check."""

LARGEST_ARGUMENTS = 1_000_000
"""Characters of a call's arguments as JSON."""

_SHOWN, _TOLD = 120, 5
_LEFT = ("pattern", "patternProperties", "uniqueItems", "unevaluatedProperties", "unevaluatedItems")
_MOVING = ("$dynamicRef", "$recursiveRef", "$id", "id")


class NoSafeSchema(OpenbookError):
    """A schema that arguments cannot be held to; the message says why, after the tool's name."""


class _TooLong(Exception):
    """More steps than a call needs."""


def check_by(schema: Mapping[str, Json], tool: str) -> Callable[[Arguments], Arguments]:
    """The arguments as they are, or BadArguments. Raises NoSafeSchema."""
    _refuse_bad(schema, tool)
    from jsonschema import Draft202012Validator, SchemaError, validators
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    inside: Any = {key: value for key, value in schema.items() if key not in ("$schema", "$id", "id")}
    try:
        Draft202012Validator.check_schema(inside)
    except SchemaError as error:
        raise NoSafeSchema(f"{tool}: what it has is no JSON schema ({shortened(error.message, _SHOWN)})") from None
    nothing_else: Registry[Any] = Registry()
    made: Any = validators  # its types are partly unknown

    def check(arguments: Arguments) -> Arguments:
        if len(dumps(arguments)) > LARGEST_ARGUMENTS:
            raise BadArguments(f"{tool}: over {LARGEST_ARGUMENTS:,} characters of arguments: give less")
        validator: Any = made.extend(Draft202012Validator, _counted(MOST_STEPS))(inside, registry=nothing_else)
        told: list[str] = []
        fault: Any
        try:
            for fault in validator.iter_errors(dict(arguments)):
                told.append(_fault(fault))
                if len(told) == _TOLD:
                    break
        except (_TooLong, RecursionError):
            raise BadArguments(f"{tool}: its schema takes too long to check: call another tool") from None
        except Unresolvable:
            raise BadArguments(f"{tool}: its schema refers to what it lacks: call another tool") from None
        if told:
            raise BadArguments(f"{tool} cannot be called like this: {'; '.join(told)}")
        return arguments

    return check


def _fault(fault: Any) -> str:
    """``lines: type integer``: where, which keyword, and of what the schema says there only plain words and numbers.

    Who made the call is told this as the caller's own fault and not as a server's words, so that none may be in it.
    """
    at = ".".join(shortened(str(each), 60) for each in fault.absolute_path) or "arguments"
    keyword, wanted, given = str(fault.validator), fault.validator_value, fault.instance
    if keyword == "required":
        wanted = [name for name in wanted if name not in given]
    elif keyword == "additionalProperties" and isinstance(given, Mapping):
        strangers = set(cast("Mapping[str, Json]", given)).difference(fault.schema.get("properties", ()))
        return f"{at}: there is no {shortened(', '.join(sorted(strangers)), _SHOWN)}"
    words = cast("list[Json]", wanted if isinstance(wanted, list) else [wanted])
    said = ", ".join(str(each) for each in words[:_TOLD]) if all(is_plain(each) for each in words) else ""
    return f"{at}: {keyword} {said}".rstrip()


def _refuse_bad(schema: Mapping[str, Json], tool: str) -> None:
    if schema.get("type", "object") != "object":
        raise NoSafeSchema(f"{tool}: its arguments are no object")
    size = 0
    for level, key, value in _entries(schema, 1):
        if level > DEEPEST:
            raise NoSafeSchema(f"{tool}: its schema is nested over {DEEPEST} levels")
        size += len(key) + (len(value) if isinstance(value, str) else 4)
        if size > LARGEST_SCHEMA:
            raise NoSafeSchema(f"{tool}: its schema is over {LARGEST_SCHEMA:,} characters")
        if not isinstance(value, str):
            continue
        if key == "$ref" and not value.startswith("#"):
            raise NoSafeSchema(f"{tool}: its schema refers to {shortened(value)}, and nothing is fetched")
        if key in _MOVING and level > 1:
            raise NoSafeSchema(f"{tool}: its schema moves its references about by {key}")


def _entries(value: Json, level: int) -> Iterator[tuple[int, str, Json]]:
    """Every entry of every object and list within, with how deep it stands; one level too many is the last."""
    keyed = value.items() if isinstance(value, Mapping) else ()
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    for key, each in (*keyed, *(("", each) for each in listed)):
        yield level, key, each
        if level <= DEEPEST:
            yield from _entries(each, level + 1)


def _counted(most: int) -> dict[str, Any]:
    """jsonschema's keywords, which raise when ``most`` of them were looked at."""
    from jsonschema import Draft202012Validator

    steps = 0

    def counted(keyword: Any) -> Any:
        def step(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            nonlocal steps
            steps += 1
            if steps > most:
                raise _TooLong
            return keyword(validator, value, instance, schema) or iter(())

        return step

    keywords: dict[str, Any] = dict(Draft202012Validator.VALIDATORS)
    return {name: _left if name in _LEFT else counted(keyword) for name, keyword in keywords.items()}


def _left(_validator: Any, _value: Any, _instance: Any, _schema: Any) -> Iterator[Any]:
    """A keyword that the server may hold its arguments to by itself."""
    return iter(())
