"""A server behind an address that breaks what HTTP or the protocol asks of it ends its own connection, in one line."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

from openbook.agent.mcp_client import open_mcp
from openbook.agent.mcp_wire import WireLimits
from openbook.agent.tool import ToolFailed
from openbook.errors import OpenbookError

LIMITS = WireLimits(start=10, call=3, message=200_000, flow=1_000_000, messages=500)
TOOL = {"name": "t", "inputSchema": {"type": "object"}}


class Handler(BaseHTTPRequestHandler):
    """Fair until a tool is called, unless it is to be unfair from the start."""

    how = ""

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(405)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        method = asked.get("method")
        with suppress(OSError):  # the client may hang up
            if self.how.startswith("start ") or method == "tools/call":
                self.misbehave(asked)
            elif method == "initialize":
                info = {"name": "x", "version": "1"}
                found = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": info}
                self.give({"jsonrpc": "2.0", "id": asked["id"], "result": found})
            elif method == "tools/list":
                self.give({"jsonrpc": "2.0", "id": asked["id"], "result": {"tools": [TOOL]}})
            elif "id" in asked:
                self.give({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "no"}})
            else:
                self.reply(202, b"", "application/json")

    def give(self, message: dict[str, Any]) -> None:
        self.reply(200, json.dumps(message).encode(), "application/json")

    def reply(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def misbehave(self, asked: dict[str, Any]) -> None:
        how = self.how.removeprefix("start ")
        text = {"content": [{"type": "text", "text": "x" * 2_000_000}]}
        whole = {"jsonrpc": "2.0", "id": asked.get("id"), "result": text}
        log = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x" * 1_000}}
        if how == "large":
            self.give(whole)
        elif how == "packed":
            self.reply(200, gzip.compress(json.dumps(whole).encode()), "application/json", content_encoding="gzip")
        elif how == "page":
            self.reply(200, b"<html>Sign in</html>", "text/html")
        elif how == "broken":
            self.reply(200, b'{"jsonrpc": ', "application/json")
        elif how == "elsewhere":
            self.reply(307, b"", "text/plain", location="http://127.0.0.1:9/mcp")
        elif how == "who":
            self.reply(401, b"", "text/plain", www_authenticate="Bearer")
        elif how == "fails":
            self.reply(500, b"Traceback: secret", "text/plain")
        elif how == "hangs":
            time.sleep(6)
        elif how == "floods":
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            while True:
                self.wfile.write(f"event: message\ndata: {json.dumps(log)}\n\n".encode())


@contextmanager
def served(how: str) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bad", (Handler,), {"how": how}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"bad=http://127.0.0.1:{server.server_port}/mcp"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _pins_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("how", "said"),
    [("large", "sent over 1,000,000 bytes"), ("floods", "sent over 1,000,000 bytes"), ("packed", "packed answer"),
     ("page", "content"), ("broken", "JSON"), ("elsewhere", "edirect"), ("who", "wants to know who asks"),
     ("fails", "500"), ("hangs", "did not answer within 3 seconds")],
)  # fmt: skip
def test_a_call_of_it_fails_in_one_line(how: str, said: str) -> None:
    with served(how) as spec, open_mcp(spec, LIMITS) as tools:
        start = time.monotonic()
        with pytest.raises(ToolFailed) as error:
            tools[0].call({})
        assert time.monotonic() - start < 10
        assert str(error.value).isprintable()
        assert said in str(error.value)


@pytest.mark.parametrize("how", ["large", "packed", "page", "broken", "elsewhere", "who", "fails"])
def test_a_start_of_it_fails_in_one_line(how: str) -> None:
    with served(f"start {how}") as spec, pytest.raises(OpenbookError) as error, open_mcp(spec, LIMITS):
        pass
    assert str(error.value).isprintable()
