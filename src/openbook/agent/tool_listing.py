"""Tools as a model is told of them: what each does, its arguments, and which of these the request must give."""

import json
from collections.abc import Iterator, Mapping, Sequence

from openbook.agent.plan_faults import required_of
from openbook.agent.tool import Tool
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.values import Json

MOST_TOOLS, LONGEST_DESCRIPTION, LONGEST_SCHEMA = 64, 1_000, 4_000


def listing(tools: Sequence[Tool]) -> str:
    """Raises OpenbookError for more tools than a model can choose from."""
    if len(tools) > MOST_TOOLS:
        raise OpenbookError(f"{len(tools)} tools are too many for a model to choose from: pass at most {MOST_TOOLS}")
    return "\n\n".join("\n".join(_lines(tool)) for tool in tools) or "There are no tools."


def _lines(tool: Tool) -> Iterator[str]:
    """A description has one line, so that it cannot look like another tool's; its schema is ASCII."""
    yield f"{tool.name}: {shortened(tool.description, LONGEST_DESCRIPTION)}"
    properties = tool.schema.get("properties", {})
    named: Mapping[str, Json] = properties if isinstance(properties, Mapping) else {}
    schema = json.dumps(tool.schema, sort_keys=True)
    if len(schema) > LONGEST_SCHEMA:
        schema = json.dumps({"properties": sorted(named), "required": required_of(tool)})
    yield f"  arguments: {schema[:LONGEST_SCHEMA]}"
    if tool.capability.effects:
        yield f"  effects: {', '.join(sorted(tool.capability.effects))}"
    if chosen := [name for name in named if name not in tool.capability.content]:
        yield f"  only the request may choose: {', '.join(chosen)}"
