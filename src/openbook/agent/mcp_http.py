"""An MCP server behind an address: the SDK's streamable HTTP, with every answer counted while it comes.

Redirects are followed by the SDK within the address's own origin alone. Answers are asked for as they are, since a
packed one can unpack to any size.
"""

import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from openbook.agent.mcp_spec import ServerSpec
from openbook.agent.mcp_wire import Wire
from openbook.errors import OpenbookError

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

_CONNECT = 10.0
"""Seconds to find and reach a server."""


@asynccontextmanager
async def address(spec: ServerSpec, wire: Wire) -> "AsyncGenerator[TransportStreams]":
    """Streams of messages from and to the server."""
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    class Counted(httpx2.AsyncByteStream):
        """An answer's bytes as they come. Raises WireFault where they are too many."""

        def __init__(self, stream: Any) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in self._stream:
                wire.came(len(piece))
                yield piece

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def count(response: Any) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise wire.over("sent a packed answer, which was not asked for")
        wire.said = f"HTTP status {response.status_code}" if response.is_error else ""
        if response.status_code in (401, 403):
            wire.over("wants to know who asks, and the headers that say it go into a .toml file")
        wire.message()
        response.stream = Counted(response.stream)

    client = httpx2.AsyncClient(
        headers={"accept-encoding": "identity", **headers(spec)},
        timeout=httpx2.Timeout(_CONNECT, read=max(wire.limits.call, wire.limits.start)),
        event_hooks={"response": [count]},
    )
    async with (
        client,
        streamable_http_client(spec.url, http_client=client, max_sse_event_size=wire.limits.message) as streams,
    ):
        yield streams


def headers(spec: ServerSpec) -> dict[str, str]:
    """Raises OpenbookError where a variable that holds a value is not set, or holds none that can be sent."""
    found: dict[str, str] = {}
    for header, variable in spec.headers.items():
        value = os.environ.get(variable, "")
        if not value or not value.isascii() or not value.isprintable():
            raise OpenbookError(
                f"the MCP server {spec.name} needs the variable {variable} for its header {header}: set it"
            )
        found[header] = value
    return found
