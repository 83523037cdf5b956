"""An MCP server as a program of ours: a message a line, each bounded, and no process left behind.

The SDK's own transport keeps a line of any length in memory and goes on waiting after a broken one. Here both end the
connection, and whatever the program started in its process group is ended with it.
"""

import os
import signal
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
from anyio.abc import ByteReceiveStream, Process

from openbook.agent.mcp_keeper import kept
from openbook.agent.mcp_spec import ServerSpec
from openbook.agent.mcp_wire import Wire, WireFault
from openbook.errors import OpenbookError
from openbook.json_lines import shortened

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

_INHERITED = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER") + (
    ("APPDATA", "LOCALAPPDATA", "PATHEXT", "SYSTEMROOT", "TEMP", "USERPROFILE") if os.name == "nt" else ()
)
"""What a program needs to run. Keys and tokens of the environment are not handed to a server unless it is said."""

_GRACE = 1.0
"""Seconds to end by itself when its input is closed, and again after SIGTERM."""


def environment(spec: ServerSpec) -> dict[str, str]:
    """Raises OpenbookError where a variable that was named is not set."""
    if missing := [name for name in spec.environment if name not in os.environ]:
        raise OpenbookError(f"the MCP server {spec.name} needs the variable {missing[0]}, which is not set: set it")
    return {name: os.environ[name] for name in (*_INHERITED, *spec.environment) if name in os.environ}


@asynccontextmanager
async def program(spec: ServerSpec, wire: Wire) -> "AsyncGenerator[TransportStreams]":
    """Streams of messages from and to the program. Raises OpenbookError where it cannot be started."""
    from mcp.shared.message import SessionMessage

    process = await _started(spec)
    into, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outgoing, out_of = anyio.create_memory_object_stream[SessionMessage](0)
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin is not None
    assert stdout is not None
    assert stderr is not None

    async def read() -> None:
        async with into:
            with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, WireFault):
                await _messages(stdout, into, wire)
            if not wire.fault:
                await _note_end(process, wire)

    async def write() -> None:
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
            async for each in out_of:
                line = each.message.model_dump_json(by_alias=True, exclude_unset=True)
                await stdin.send(line.encode() + b"\n")
        await into.aclose()  # else a request would wait for an answer to what was never sent

    async def listen() -> None:
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream):
            while True:
                wire.heard((await stderr.receive()).decode("utf-8", "replace"))

    with kept(process.pid):
        try:
            async with anyio.create_task_group() as tasks:
                for task in (read, write, listen):
                    tasks.start_soon(task)
                try:
                    yield incoming, outgoing
                finally:
                    tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await _end(process)
                for stream in (into, incoming, outgoing, out_of):
                    await stream.aclose()


async def _started(spec: ServerSpec) -> Process:
    try:
        return await anyio.open_process(
            list(spec.command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(spec),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise OpenbookError(
            f"the MCP server {spec.name} cannot be started ({shortened(spec.command[0])}: {why}): check the command"
        ) from None


async def _messages(stdout: ByteReceiveStream, into: Any, wire: Wire) -> None:
    """Every line that is a message goes on. Raises WireFault for what is too long, too much or broken."""
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    rest = b""
    while True:
        try:
            piece = await stdout.receive()
        except anyio.EndOfStream:
            return
        wire.came(len(piece))
        *lines, rest = (rest + piece).split(b"\n")
        for line in [*lines, *([rest] if len(rest) > wire.limits.message else [])]:
            if len(line) > wire.limits.message:
                raise wire.over(f"sent a message of over {wire.limits.message:,} bytes")
            if not line.lstrip().startswith(b"{"):  # a banner or a log, which belongs on standard error
                if line.strip():
                    wire.noise()
                continue
            wire.message()
            try:
                message = jsonrpc_message_adapter.validate_json(line, by_name=False)
            except ValueError:
                raise wire.over(f"sent a broken message ({shortened(line.decode('utf-8', 'replace'))})") from None
            await into.send(SessionMessage(message))


async def _note_end(process: Process, wire: Wire) -> None:
    """How a program ended that nobody asked to."""
    with anyio.move_on_after(_GRACE):
        code = await process.wait()
        none = "" if wire.spoke or code else " without a word of the protocol: is that an MCP server?"
        wire.over(f"ended with code {code}{none}" if code >= 0 else f"was ended by signal {-code}")
    if not wire.fault:
        wire.over("closed its output")


async def _end(process: Process) -> None:
    """Input closed, then asked to end, then ended; its process group too, whether or not it ended by itself."""
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        if process.stdin is not None:
            await process.stdin.aclose()
    if not await _gone(process, _GRACE):
        _signal(process, signal.SIGTERM)
        await _gone(process, _GRACE)
    _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    await _gone(process, _GRACE)
    transport: Any = getattr(getattr(process, "_process", None), "_transport", None)
    if transport is not None:  # asyncio's, which else stays open while a stranger holds the other end of a pipe
        with suppress(PermissionError):
            transport.close()


async def _gone(process: Process, seconds: float) -> bool:
    """By its code: to wait for it would also wait for whoever else holds its output open."""
    with anyio.move_on_after(seconds):
        while process.returncode is None:
            await anyio.sleep(0.01)
    return process.returncode is not None


def _signal(process: Process, number: int) -> None:
    """To all of its process group, which outlives a leader that ended first."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, number)
