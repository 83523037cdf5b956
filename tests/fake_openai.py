"""A server of the chat completions API in a thread, which answers by script and keeps what it was asked."""

import json
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

STREAM = "text/event-stream"


@dataclass(frozen=True)
class Reply:
    """body: pieces in order, a number waits so many seconds. cut: the connection ends before the answer."""

    body: Sequence[str | bytes | float] = ()
    status: int = 200
    kind: str = STREAM
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False


@dataclass
class Fake:
    """replies: taken in order, the last for ever."""

    replies: list[Reply]
    models: tuple[str, ...] = ("tiny",)
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def event(**fields: Any) -> str:
    return f"data: {json.dumps(fields)}\n\n"


def piece(text: str, entries: Sequence[dict[str, Any]] = (), finish: str | None = None) -> str:
    choice: dict[str, Any] = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return event(choices=[choice | ({"logprobs": {"content": list(entries)}} if entries else {})])


def spoken(*texts: str) -> Reply:
    usage = event(choices=[], usage={"prompt_tokens": 7, "completion_tokens": len(texts)})
    return Reply([*map(piece, texts), piece("", finish="stop"), usage, "data: [DONE]\n\n"])


def fault(status: int, message: str, *headers: tuple[str, str]) -> Reply:
    return Reply([json.dumps({"error": {"message": message}})], status, "application/json", headers)


@contextmanager
def serving(*replies: Reply, models: tuple[str, ...] = ("tiny",)) -> Generator[Fake]:
    fake = Fake(list(replies), models)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            fake.headers.append(dict(self.headers))
            self._send(Reply([json.dumps({"data": [{"id": name} for name in fake.models]})], kind="application/json"))

        def do_POST(self) -> None:
            fake.headers.append(dict(self.headers))
            fake.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._send(fake.replies.pop(0) if len(fake.replies) > 1 else fake.replies[0])

        def _send(self, reply: Reply) -> None:
            self.close_connection = True
            try:
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Connection", "close")
                if reply.cut:
                    self.send_header("Content-Length", "1000000")
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                for part in reply.body:
                    if isinstance(part, float):
                        time.sleep(part)
                    else:
                        self.wfile.write(part.encode() if isinstance(part, str) else part)
                        self.wfile.flush()
            except OSError:  # the client has left
                return

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
