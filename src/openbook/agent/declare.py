"""A tool from a typed Python function: the schema from its hints and docstring, the check from the same."""

import inspect
import re
from collections.abc import Callable, Collection
from typing import Any, cast, get_type_hints
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from openbook.agent.tool import Arguments, BadArguments, Charged, Done, Tool
from openbook.guard.capability import Capability, Effect
from openbook.values import Json

MOST_ERRORS = 5
"""Faults of one call that are told at once."""


def declared(
    function: Callable[..., Json | Charged],
    *,
    effects: Collection[Effect] = (),
    content: Collection[str] = (),
    derived: bool = False,
    examples: tuple[str, ...] = (),
    name: str | None = None,
    key: str | None = None,
    done: Callable[[str], Done | None] | None = None,
) -> Tool:
    """The first paragraph of the docstring is the description; a line ``argument: what it is`` describes an argument.

    key: the argument that takes an idempotency key, which a run gives and nobody else; without a journal, a new one for
    each call. done: looks up whether the call of a key took effect. Raises TypeError where the function has no
    docstring, an argument has no hint, or ``content`` or ``key`` misname one: faults of whoever writes the tool.
    """
    called = name or function.__name__
    parameters = dict(inspect.signature(function).parameters)
    if key is not None and parameters.pop(key, None) is None:
        raise TypeError(f"tool {called} has no argument {key} that could take a key")
    described, about = _docstring(function, set(parameters))
    hints = get_type_hints(function, include_extras=True)
    for parameter in parameters.values():
        if parameter.name not in hints or parameter.kind not in (
            parameter.POSITIONAL_OR_KEYWORD,
            parameter.KEYWORD_ONLY,
        ):
            raise TypeError(f"tool {called}: {parameter.name} needs a type, and to be given by name")
    if strangers := set(content) - set(parameters):
        raise TypeError(f"tool {called} has no argument {', '.join(sorted(strangers))}")
    fields: dict[str, Any] = {
        parameter.name: (
            hints[parameter.name],
            Field(
                ... if parameter.default is parameter.empty else parameter.default,
                description=about.get(parameter.name),
            ),
        )
        for parameter in parameters.values()
    }
    try:
        model = create_model(called, __config__=ConfigDict(extra="forbid", strict=False), **fields)
    except RecursionError:
        raise TypeError(f"tool {called} has a hint without end: take pydantic's JsonValue for any JSON") from None

    def keyed(arguments: Arguments, given: str) -> Json | Charged:
        return function(**arguments, **({} if key is None else {key: given}))

    return Tool(
        called,
        described,
        schema_of(model),
        Capability(called, frozenset(effects), frozenset(content)),
        lambda arguments: _checked(model, arguments),
        lambda arguments: keyed(arguments, uuid4().hex),
        derived,
        examples,
        None if key is None else keyed,
        done,
    )


def _checked(model: type[BaseModel], arguments: Arguments) -> Arguments:
    """The values as the hints say; a default stands where nothing was given."""
    try:
        made = model.model_validate(dict(arguments))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        told = "; ".join(
            f"{_place(fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}" for fault in faults[:MOST_ERRORS]
        )
        raise BadArguments(f"{model.__name__} cannot be called like this: {told}") from None
    return {field: getattr(made, field) for field in type(made).model_fields}


def schema_of(model: type[BaseModel]) -> dict[str, Json]:
    """Without the titles that pydantic adds, which say nothing."""
    return cast("dict[str, Json]", _untitled(model.model_json_schema()))


def _untitled(schema: Any) -> Any:
    if isinstance(schema, dict):
        entries = cast("dict[str, Any]", schema).items()
        return {key: _untitled(value) for key, value in entries if key != "title" or not isinstance(value, str)}
    if isinstance(schema, list):
        return [_untitled(each) for each in cast("list[Any]", schema)]
    return schema


def _docstring(function: Callable[..., Json | Charged], names: set[str]) -> tuple[str, dict[str, str]]:
    text = inspect.getdoc(function)
    if not text:
        raise TypeError(f"tool {function.__name__} needs a docstring: it is what a model chooses it by")
    found = {
        match["name"]: match["about"].strip()
        for match in re.finditer(r"^(?P<name>\w+): (?P<about>.+)$", text, re.MULTILINE)
        if match["name"] in names
    }
    return " ".join(text.split("\n\n")[0].split()), found


def _place(path: tuple[str | int, ...]) -> str:
    return ".".join(str(each) for each in path) or "arguments"
