"""The tools of any MCP server as tools of ours, under our labels, capabilities and policies.

Nothing that a server says is believed. Its tools may do everything until a person says otherwise; the hints that it
gives of itself (``readOnlyHint`` and its like) change nothing. Its prose reaches no planner before a person accepted it
(``mcp_words``). What its tools give is tainted by their names. It may ask for nothing: no sampling, no elicitation, no
roots. The session runs on a loop of its own, so that a call is a plain function.
"""

import logging
import math
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from openbook.agent.mcp_pins import Listed, pin, pinned, refuse_changed
from openbook.agent.mcp_result import as_json, text_of
from openbook.agent.mcp_schema import NoSafeSchema, check_by
from openbook.agent.mcp_spec import Declared, ServerSpec, parse_server
from openbook.agent.mcp_wire import LIMITS, Wire, WireFault, WireLimits
from openbook.agent.mcp_words import LONGEST_DESCRIPTION, checked_name, cleaned, plain_description, shown_schema
from openbook.agent.tool import Arguments, Tool, ToolFailed
from openbook.errors import MissingExtra, OpenbookError
from openbook.guard.capability import EFFECTS, Capability
from openbook.json_lines import shortened
from openbook.values import Json

if TYPE_CHECKING:
    from mcp import Client

for _name in ("mcp", "client"):  # the SDK logs what is said here in one line
    logging.getLogger(_name).addHandler(logging.NullHandler())

Call = Callable[[str, Arguments], Json]
"""A tool's name at the server, and its arguments, to what it gives. Raises ToolFailed."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An open server. listing: what it offered when it was opened; a later change of it changes nothing here."""

    server: ServerSpec
    listing: tuple[Listed, ...]
    call: Call


@contextmanager
def open_mcp(
    spec: str, limits: WireLimits = LIMITS, say: Callable[[str], object] = lambda _: None
) -> Generator[Sequence[Tool]]:
    """The tools of the server that ``--mcp`` names, each known as ``SERVER__TOOL``; at the end it is ended.

    say: is told, in one line each, what a person should know. Raises OpenbookError where it cannot be started, does not
    answer in time, breaks the protocol, or offers other tools than when it was seen before.
    """
    with connected(parse_server(spec), limits) as connection:
        server, listing = connection.server, connection.listing
        known = pinned(server)
        if known is None:
            pin(server, listing, accepted=False)
            say(f"{server.name} is new: `openbook mcp tools` shows what it says of its {len(listing)} tools")
        else:
            refuse_changed(server, listing, known)
        yield tools_of(connection, accepted=known is not None and known.accepted, say=say)


@contextmanager
def connected(server: ServerSpec, limits: WireLimits = LIMITS) -> Generator[Connection]:
    """The server, started or reached, with its listing. Raises OpenbookError."""
    try:
        import mcp  # noqa: F401  # pyright: ignore[reportUnusedImport]  # heavy, so that only who needs it waits
        from anyio.from_thread import start_blocking_portal
    except ImportError:
        raise MissingExtra("a server's tools", "mcp") from None
    wire = Wire(server.name, limits)
    with start_blocking_portal("asyncio") as portal:
        try:
            session = portal.wrap_async_context_manager(_session(server, wire))
            client, listing = session.__enter__()
        except BaseException as error:  # noqa: BLE001  # a group of errors may hold one that ends us
            raise _told(error, wire) from None
        try:
            yield Connection(server, listing, lambda name, arguments: portal.call(_call, client, wire, name, arguments))
        finally:
            with suppress(Exception):  # a connection that broke has told every call why; to close it tells no more
                session.__exit__(None, None, None)


def tools_of(connection: Connection, *, accepted: bool, say: Callable[[str], object]) -> Sequence[Tool]:
    """accepted: the server's words may be shown. A tool whose schema cannot be checked is left out, which is said."""
    server = connection.server
    listed = {tool.name: tool for tool in connection.listing}
    if strangers := [name for name in server.tools if name not in listed]:
        raise OpenbookError(f"{server.name} has no tool {shortened(strangers[0])}: mend its name in [server.tools]")
    tools: list[Tool] = []
    for name, tool in listed.items():
        try:
            tools.append(_tool(connection.call, server, tool, accepted=accepted))
        except NoSafeSchema as error:
            if name in server.tools:
                raise
            say(f"left out: {error}")
    return tools


def _tool(call: Call, server: ServerSpec, tool: Listed, *, accepted: bool) -> Tool:
    full = f"{server.name}__{tool.name}"
    said = server.tools.get(tool.name, Declared(frozenset(EFFECTS)))
    check = check_by(tool.schema, full)
    shown = shown_schema(tool.schema, notes=accepted)
    arguments = shown.get("properties")
    if strangers := said.content - set(arguments if isinstance(arguments, Mapping) else ()):
        raise OpenbookError(f"{full} has no argument {shortened(min(strangers))}: mend content in [server.tools]")
    own = cleaned(tool.description, LONGEST_DESCRIPTION) if accepted else ""
    return Tool(
        full,
        said.description or own or plain_description(server.name, tool.name, shown),
        shown,
        Capability(full, said.effects, said.content),
        check,
        lambda arguments: call(tool.name, arguments),
    )


@asynccontextmanager
async def _session(server: ServerSpec, wire: Wire) -> "AsyncGenerator[tuple[Client, tuple[Listed, ...]]]":
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


async def _call(client: "Client", wire: Wire, name: str, arguments: Arguments) -> Json:
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
    except BaseException as error:
        if not isinstance(error, Exception):
            raise
        raise ToolFailed(str(_told(error, wire))) from None
    if not isinstance(found, types.CallToolResult):
        raise ToolFailed(f"{full} asks for more (a model, a person or a folder), which it is not given: call another")
    return text_of(found.content, found.structured_content, failed=found.is_error, tool=full)


def _told(error: BaseException, wire: Wire) -> BaseException:
    """One line of whatever went wrong with a server; what is not an error of it stays as it is."""
    from mcp import MCPError
    from mcp_types import CONNECTION_CLOSED

    if isinstance(error, BaseExceptionGroup):  # of the tasks of a connection, the first that knows why
        found = [_told(each, wire) for each in cast("BaseExceptionGroup[BaseException]", error).exceptions]
        return next((told for told in found if isinstance(told, OpenbookError)), found[0])
    if not isinstance(error, Exception) or isinstance(error, OpenbookError):
        return error
    if wire.fault or (isinstance(error, MCPError) and error.code == CONNECTION_CLOSED):
        return WireFault(wire.line)
    if isinstance(error, MCPError):
        said = shortened(error.message, 160) + wire.told
        return WireFault(f"the MCP server {wire.server} answers with an error: {said}: ask otherwise, or do without it")
    return wire.over(f"broke off ({shortened(type(error).__name__ + ': ' + str(error), 160)})")
