"""What a model that works step by step does next: one call of a tool, or the answer; read strictly, faults told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from openbook.agent.json_reply import object_in
from openbook.agent.plan_faults import arguments_of, nearest, required_of
from openbook.agent.plan_schema import any_of, closed, literal_of
from openbook.agent.tool import Tool
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.values import Json

_FORM = 'write {"tool": NAME, "arguments": {...}} or {"answer": TEXT}'


class BadAction(OpenbookError):
    """A reply that is no action; the message is one line that the model can act on."""


@dataclass(frozen=True, slots=True)
class Act:
    """The call that a model wants made."""

    tool: Tool
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Finish:
    """What a model tells the person at the end."""

    answer: str


Action: TypeAlias = Act | Finish


def action_in(text: str, tools: Sequence[Tool]) -> Action:
    """Raises BadAction and BadJson. Whether the values fit is the tool's own check, when it is called."""
    found = dict(object_in(text))
    found.pop("thought", None)
    if set(found) == {"answer"}:
        answer = found["answer"]
        return Finish(answer if isinstance(answer, str) else str(answer))
    if "tool" not in found or not set(found) <= {"tool", "arguments"}:
        raise BadAction(f"this is no action ({shortened(', '.join(found), 80) or 'it is empty'}): {_FORM}")
    name, arguments = found["tool"], found.get("arguments", {})
    known = {tool.name: tool for tool in tools}
    if not isinstance(name, str) or name not in known:
        raise BadAction(nearest(str(name), list(known), "tool"))
    if not isinstance(arguments, Mapping):
        raise BadAction(f"the arguments of {name} are no object: {_FORM}")
    names = arguments_of(known[name])
    if names is not None and (strange := [each for each in arguments if each not in names]):
        raise BadAction("; ".join(nearest(each, names, f"argument of {name}") for each in strange[:3]))
    return Act(known[name], arguments)


def action_schema(tools: Sequence[Tool]) -> dict[str, Json]:
    """For ``Decoding.schema``."""
    thought: dict[str, Json] = {"thought": {"type": "string", "maxLength": 500}}
    definitions: dict[str, Json] = {}
    actions: list[Json] = [closed(thought | {"answer": {"type": "string"}}, ["answer"])]
    for number, tool in enumerate(tools):
        literals, moved = literal_of(tool, f"tool{number}.") or (None, {})
        definitions |= moved
        needed = required_of(tool)
        arguments: Json = {"type": "object"} if literals is None else closed(literals, needed)
        fields: dict[str, Json] = {"tool": {"const": tool.name}, "arguments": arguments}
        actions.append(closed(thought | fields, list(fields)))
    return any_of(actions) | ({"$defs": definitions} if definitions else {})
