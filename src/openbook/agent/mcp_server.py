"""Tools of ours offered to other assistants over MCP: by stdio to whoever started us, or by HTTP on this machine alone.

Arguments are checked as for our own agents; a result is structured, held to a schema that is offered with the tool, and
repeated as text for clients that read nothing else. An error is one line. All calls are made in one thread, in which
the index is open too.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from openbook import __version__
from openbook.agent.mcp_library import INSTRUCTIONS, Offered
from openbook.errors import MissingExtra, OpenbookError
from openbook.json_lines import shortened

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

MOST_WAITING = 64
"""Calls that wait at once; a client that sends more is told to wait."""

_LARGEST_REQUEST = 1_000_000
_HOST = "127.0.0.1"


def server_of(offered: Sequence[Offered], worker: Executor) -> "Server[Any]":
    """worker: one thread, in which every call is made. Raises MissingExtra."""
    try:
        from mcp import types
        from mcp.server.lowlevel import Server
    except ImportError:
        raise MissingExtra("a server for other assistants", "mcp") from None
    logging.getLogger("mcp").addHandler(logging.NullHandler())  # what is wrong is told to the client
    known = {one.tool.name: one for one in offered}
    listing = types.ListToolsResult(
        tools=[
            types.Tool(
                name=name,
                description=one.tool.description,
                input_schema=dict(one.tool.schema),
                output_schema=dict(one.output),
                annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False),
            )
            for name, one in known.items()
        ]
    )
    waiting = 0

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        return listing

    async def call_tool(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        nonlocal waiting
        one = known.get(params.name)
        if one is None:
            return _failed(f"there is no tool {shortened(params.name)}: call {', '.join(known)}")
        if waiting >= MOST_WAITING:
            return _failed(f"{MOST_WAITING} calls are waiting already: try again in a moment")
        waiting += 1
        try:
            given = params.arguments or {}
            return await asyncio.get_running_loop().run_in_executor(worker, lambda: _called(one, given))
        finally:
            waiting -= 1

    return Server(
        "openbook",
        version=__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve_stdio(server: "Server[Any]") -> None:
    """Until our input is closed. The SDK keeps the protocol's descriptors for itself, so that nothing else is written
    to standard output."""
    import anyio
    from mcp.server.stdio import stdio_server

    def end(*_: object) -> None:
        sys.stderr.write("openbook: interrupted\n")
        sys.stderr.flush()
        os._exit(130)  # the thread that reads standard input cannot be called off, and would be waited for

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, end)

    async def serve() -> None:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(serve)


def serve_http(server: "Server[Any]", port: int, ready: Callable[[str], object]) -> None:
    """On 127.0.0.1 alone, until interrupted. ready: is told the address.

    A page in a browser cannot reach it: a request with an Origin is refused, and one for another host name too, as it
    comes by DNS rebinding. Raises OpenbookError where the port is taken.
    """
    import anyio
    import uvicorn
    from mcp.server.transport_security import TransportSecuritySettings

    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((_HOST, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise OpenbookError(f"port {port} cannot be used ({why}): choose another") from None
        listening.listen(2 * MOST_WAITING)  # so that who is told the address can connect, before uvicorn is up
        port = listening.getsockname()[1]
        app = server.streamable_http_app(
            json_response=True,
            stateless_http=True,
            max_request_body_size=_LARGEST_REQUEST,
            transport_security=TransportSecuritySettings(
                enable_dns_rebinding_protection=True,
                allowed_hosts=[f"{_HOST}:{port}", f"localhost:{port}"],
                allowed_origins=[],
            ),
        )
        config = uvicorn.Config(
            app, log_config=None, access_log=False, limit_concurrency=2 * MOST_WAITING, timeout_graceful_shutdown=2
        )
        ready(f"http://{_HOST}:{port}/mcp")
        with suppress(KeyboardInterrupt):  # uvicorn has ended all it does, and raises it again
            anyio.run(uvicorn.Server(config).serve, [listening])


def _called(one: Offered, given: dict[str, Any]) -> Any:
    from mcp import types

    try:
        found = one.tool.call(one.tool.check(given))
    except OpenbookError as error:
        return _failed(str(error))
    except Exception as error:  # noqa: BLE001  # a bug of ours ends one call and not the server
        return _failed(f"this is a bug of openbook, please report it: {shortened(repr(error), 300)}")
    text = types.TextContent(type="text", text=json.dumps(found, ensure_ascii=False))
    return types.CallToolResult(content=[text], structured_content=found)


def _failed(line: str) -> Any:
    from mcp import types

    return types.CallToolResult(content=[types.TextContent(type="text", text=line)], is_error=True)
