"""A page is fetched from a listed host alone, at a public address alone, and a redirect is held to the same."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from openbook.agent.tool import BadArguments, ToolFailed
from openbook.agent.tools.web import page_reader
from openbook.documents.addresses import Address
from openbook.errors import OpenbookError


class _Site(BaseHTTPRequestHandler):
    visited: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).visited.append(f"{self.headers['Host']}{self.path}")
        port = self.server.server_address[1]
        targets = {
            "/away": f"http://127.0.0.1:{port}/page",
            "/back": f"http://localhost:{port}/page",
            "/round": "/round",
        }
        self.send_response(302 if self.path in targets else 200)
        if self.path in targets:
            self.send_header("Location", targets[self.path])
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"hello" if self.path == "/page" else b"x" * 3_000_000 if self.path == "/big" else b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    _Site.visited = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def here(address: Address) -> bool:
    return address.is_loopback


def test_a_listed_host_is_read_and_redirects_within_the_list_are_followed(port: int) -> None:
    tool = page_reader([f"localhost:{port}"], plain=True, allow=here)
    for path in ("page", "back"):
        assert str(tool.call({"url": f"http://localhost:{port}/{path}"})).strip() == "hello"


@pytest.mark.parametrize("path", ["away", "round", "big"])
def test_a_redirect_off_the_list_is_not_followed_and_bounds_hold(port: int, path: str) -> None:
    tool = page_reader([f"localhost:{port}"], plain=True, allow=here)
    with pytest.raises(ToolFailed) as error:
        tool.call({"url": f"http://localhost:{port}/{path}"})
    assert "\n" not in str(error.value)
    assert not any(visit.startswith("127.") for visit in _Site.visited)


def test_what_is_not_listed_encrypted_or_public_is_never_asked(port: int) -> None:
    cases = [
        (page_reader(["example.org"], plain=True, allow=here), f"http://localhost:{port}/page"),
        (page_reader([f"localhost:{port}"], allow=here), f"http://localhost:{port}/page"),
        (page_reader([f"localhost:{port}"], plain=True), f"http://localhost:{port}/page"),
        (page_reader(["localhost"], plain=True, allow=here), f"http://localhost:{port}/page"),
        (page_reader([f"localhost:{port}"], plain=True, allow=here), f"http://a@localhost:{port}/page"),
        (page_reader(["*.example.org"]), "https://example.org/"),
        (page_reader(["*.example.org"]), "https://badexample.org/"),
        (page_reader(["example.org"]), "https://example.org.evil.test/"),
        (page_reader(["example.org"]), "file:///etc/passwd"),
        (page_reader([]), "https://example.org/"),
    ]
    for tool, url in cases:
        with pytest.raises((BadArguments, ToolFailed)):
            tool.call({"url": url})
    assert not _Site.visited


@pytest.mark.parametrize("host", ["", "*", "https://example.org", "exa mple", "example.org/path", "*.*.org", "a@b"])
def test_a_list_with_a_fault_is_refused(host: str) -> None:
    with pytest.raises(OpenbookError):
        page_reader([host])


def test_a_request_sends_and_only_a_person_chooses_its_address() -> None:
    capability = page_reader(["example.org"]).capability
    assert capability.effects == {"sends"}
    assert not capability.content
