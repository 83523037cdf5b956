"""The tools of any MCP server as tools of ours, under our labels, capabilities and policies.

Nothing that a server says is believed. Its tools may do everything until a person says otherwise; the hints that it
gives of itself (``readOnlyHint`` and its like) change nothing. Its prose reaches no planner before a person accepted it
(``mcp_words``). What its tools give is tainted by their names. It may ask for nothing: no sampling, no elicitation, no
roots. The session runs on a loop of its own, so that a call is a plain function.
"""

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from openbook.agent.mcp_pins import Listed, pin, pinned, refuse_changed
from openbook.agent.mcp_schema import NoSafeSchema, check_by
from openbook.agent.mcp_session import call, session, told
from openbook.agent.mcp_spec import Declared, ServerSpec, parse_server
from openbook.agent.mcp_wire import LIMITS, Wire, WireLimits
from openbook.agent.mcp_words import LONGEST_DESCRIPTION, cleaned, plain_description, shown_schema
from openbook.agent.tool import Arguments, Tool
from openbook.errors import MissingExtra, OpenbookError
from openbook.guard.capability import EFFECTS, Capability
from openbook.json_lines import shortened
from openbook.values import Json

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
def open_servers(
    specs: Sequence[str], limits: WireLimits = LIMITS, say: Callable[[str], object] = lambda _: None
) -> Generator[Sequence[Tool]]:
    """The tools of several. Raises OpenbookError as ``open_mcp`` does, and before any starts where two share a name."""
    names = [parse_server(spec).name for spec in specs]
    if twice := [name for name in names if names.count(name) > 1]:
        raise OpenbookError(f"two MCP servers are named {twice[0]}: give one another name, as in NAME=COMMAND")
    with ExitStack() as stack:
        yield [tool for spec in specs for tool in stack.enter_context(open_mcp(spec, limits, say))]


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
            opened = portal.wrap_async_context_manager(session(server, wire))
            client, listing = opened.__enter__()
        except BaseException as error:  # noqa: BLE001  # a group of errors may hold one that ends us
            raise told(error, wire) from None
        try:
            yield Connection(server, listing, lambda name, arguments: portal.call(call, client, wire, name, arguments))
        finally:
            with suppress(Exception):  # a connection that broke has told every call why; to close it tells no more
                opened.__exit__(None, None, None)


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


def _tool(through: Call, server: ServerSpec, tool: Listed, *, accepted: bool) -> Tool:
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
        lambda arguments: through(tool.name, arguments),
    )
