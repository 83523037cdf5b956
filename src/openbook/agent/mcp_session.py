"""One connection to an MCP server: opened in time, its tools listed and called, each fault told in one line."""

import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from openbook.agent.mcp_pins import Listed
from openbook.agent.mcp_result import as_json, text_of
from openbook.agent.mcp_spec import ServerSpec
from openbook.agent.mcp_wire import Wire, WireFault
from openbook.agent.mcp_words import checked_name
from openbook.agent.tool import Arguments, ToolFailed
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.values import Json

if TYPE_CHECKING:
    from mcp import Client


@asynccontextmanager
async def session(server: ServerSpec, wire: Wire) -> "AsyncGenerator[tuple[Client, tuple[Listed, ...]]]":
    """One life of a connection. Until the listing is read, ``start`` seconds bound it; its end is never cut short."""
    from anyio import CancelScope, current_time
    from mcp import Client

    from openbook.agent.mcp_http import address
    from openbook.agent.mcp_stdio import program

    reach = address if server.url else program
    with CancelScope(deadline=current_time() + wire.limits.start) as scope:
        async with Client(reach(server, wire), cache=None) as client:
            listing = await _listing(client, wire)
            scope.deadline = math.inf
            yield client, listing
    if scope.cancelled_caught:
        raise wire.over(f"did not list its tools within {wire.limits.start:g} seconds")


async def _listing(client: "Client", wire: Wire) -> tuple[Listed, ...]:
    """All pages. Raises WireFault where there are too many tools, or two of one name."""
    found: dict[str, Listed] = {}
    cursor: str | None = None
    for _ in range(wire.limits.tools):
        wire.asked()
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools:
            if tool.name in found or len(found) == wire.limits.tools:
                raise wire.over(f"lists {shortened(tool.name)!r} twice, or over {wire.limits.tools} tools")
            name = checked_name(tool.name, wire.server)
            found[name] = Listed(name, tool.description or "", tool.input_schema, as_json(tool.annotations))
        cursor = page.next_cursor
        if cursor is None:
            return tuple(found.values())
    raise wire.over(f"lists its tools on over {wire.limits.tools} pages")


async def call(client: "Client", wire: Wire, name: str, arguments: Arguments) -> Json:
    """By a plain request: the SDK's ``call_tool`` would check the result by a schema of the server's, unbounded."""
    from anyio import fail_after
    from mcp import types
    from pydantic import TypeAdapter

    wanted = types.CallToolRequest(params=types.CallToolRequestParams(name=name, arguments=dict(arguments)))
    either: TypeAdapter[Any] = TypeAdapter(types.CallToolResult | types.InputRequiredResult)
    full = f"{wire.server}__{name}"
    wire.asked()
    try:
        with fail_after(wire.limits.call):
            found = await client.session.send_request(wanted, either)
    except TimeoutError:
        raise ToolFailed(
            f"{full} did not answer within {wire.limits.call:g} seconds: try again, or without it"
        ) from None
    except Exception as error:  # noqa: BLE001  # whatever the SDK raises of a server's doing
        raise ToolFailed(str(told(error, wire))) from None
    if not isinstance(found, types.CallToolResult):
        raise ToolFailed(f"{full} asks for more (a model, a person or a folder), which it is not given: call another")
    return text_of(found.content, found.structured_content, failed=found.is_error, tool=full)


def told(error: BaseException, wire: Wire) -> BaseException:
    """One line of whatever went wrong with a server; what is not an error of it stays as it is."""
    from mcp import MCPError
    from mcp_types import CONNECTION_CLOSED, METHOD_NOT_FOUND

    if isinstance(error, BaseExceptionGroup):  # of the tasks of a connection, the first that knows why
        found = [told(each, wire) for each in cast("BaseExceptionGroup[BaseException]", error).exceptions]
        return next((each for each in found if isinstance(each, OpenbookError)), found[0])
    if not isinstance(error, Exception) or isinstance(error, OpenbookError):
        return error
    if wire.fault or (isinstance(error, MCPError) and error.code == CONNECTION_CLOSED):
        return WireFault(wire.line)
    if isinstance(error, MCPError) and error.code == METHOD_NOT_FOUND:  # a program that echoes says so too
        return WireFault(f"{wire.server} is no MCP server, or offers no tools: check its command{wire.told}")
    if isinstance(error, MCPError):
        said = shortened(error.message, 160) + wire.told
        return WireFault(f"the MCP server {wire.server} answers with an error: {said}: ask otherwise, or do without it")
    if type(error).__name__ in ("ConnectError", "ConnectTimeout"):  # of an HTTP library that is imported late
        return WireFault(f"the MCP server {wire.server} cannot be reached: check its address, and that it is running")
    said = shortened(f"{type(error).__name__}: {error}", 160)
    return WireFault(f"the MCP server {wire.server} does not answer as it should ({said}): try again, or do without it")
