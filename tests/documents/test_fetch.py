"""A page is fetched only from addresses that are allowed, and never more of it than the limits say."""

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from pdf_writer import paragraph, pdf_file

from openbook.documents import Limits, fetch
from openbook.documents.addresses import Address, is_public
from openbook.errors import UnreadableSource

Answer = tuple[int, dict[str, str], bytes]
HTML = {"Content-Type": "text/html; charset=utf-8"}
GZIP = {**HTML, "Content-Encoding": "gzip"}
BIG = b"<p>" + b"word " * 100_000

ANSWERS: dict[str, Answer] = {
    "/page": (200, HTML, "<title>Title</title><h1>Head</h1><p>Körper".encode()),
    "/latin": (200, {"Content-Type": "text/html; charset=iso-8859-1"}, "<p>Körper".encode("latin-1")),
    "/plain": (200, {"Content-Type": "text/plain"}, b"plain <b>words</b>"),
    "/readme.md": (200, {"Content-Type": "text/plain; charset=utf-8"}, b"# Title\n\nwords"),
    "/data.json": (200, {"Content-Type": "application/vnd.api+json"}, b'{"a": 1}'),
    "/untold": (200, {}, b"<!doctype html><p>seen"),
    "/file": (200, {"Content-Type": "application/octet-stream"}, pdf_file([paragraph(["printed words"])])),
    "/paper": (200, {"Content-Type": "application/pdf"}, pdf_file([paragraph(["printed words"])])),
    "/picture": (200, {"Content-Type": "image/png"}, b"\x89PNG"),
    "/nothing": (200, HTML, b""),
    "/missing": (404, HTML, b"<p>not here"),
    "/moved": (302, {"Location": "/page"}, b""),
    "/relative/moved": (307, {"Location": "../page?x=1"}, b""),
    "/loop": (301, {"Location": "/loop"}, b""),
    "/ftp": (302, {"Location": "ftp://example.org/x"}, b""),
    "/file-url": (302, {"Location": "file:///etc/passwd"}, b""),
    "/inward": (302, {"Location": "http://127.0.0.2:1/"}, b""),
    "/gzip": (200, GZIP, gzip.compress(b"<p>unpacked")),
    "/members": (200, GZIP, gzip.compress(b"<p>un") + gzip.compress(b"packed")),
    "/bomb": (200, GZIP, gzip.compress(bytes(50_000_000))),
    "/cut-gzip": (200, GZIP, gzip.compress(BIG)[:-20]),
    "/bad-gzip": (200, GZIP, b"not packed"),
    "/brotli": (200, {**HTML, "Content-Encoding": "br"}, b"x"),
    "/deflate": (200, {**HTML, "Content-Encoding": "deflate"}, zlib.compress(b"x")),
    "/big": (200, HTML, BIG),
    "/short": (200, {**HTML, "Content-Length": "1000"}, b"<p>too few"),
    "/%C3%A4?q=%20a": (200, HTML, b"<p>asked for"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = ANSWERS.get(self.path) or ANSWERS.get(self.path.partition("?")[0]) or (404, {}, b"")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print no requests."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def here(address: Address) -> bool:
    return str(address) == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "kind", "text", "title"),
    [
        ("/page", "html", "Head\n\nKörper", "Title"),
        ("/latin", "html", "Körper", "latin"),
        ("/plain", "text", "plain <b>words</b>", "plain"),
        ("/readme.md", "markdown", "# Title\n\nwords", "Title"),
        ("/data.json", "data", '{"a": 1}', "data.json"),
        ("/untold", "html", "seen", "untold"),
        ("/file", "pdf", "printed words", "file"),
        ("/paper", "pdf", "printed words", "paper"),
        ("/gzip", "html", "unpacked", "gzip"),
        ("/members", "html", "unpacked", "members"),
        ("/ä?q=%20a", "html", "asked for", "ä"),
    ],
)
def test_a_page_of_each_kind(site: str, path: str, kind: str, text: str, title: str) -> None:
    document = fetch(site + path, allow=here)
    assert (document.meta["kind"], document.text, document.title) == (kind, text, title)
    assert document.uri == site + path
    assert "url" not in document.meta


@pytest.mark.parametrize(("path", "final"), [("/moved", "/page"), ("/relative/moved", "/page?x=1")])
def test_redirects_are_followed_and_noted(site: str, path: str, final: str) -> None:
    document = fetch(site + path, allow=here)
    assert document.uri == site + path
    assert document.meta["url"] == site + final


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/picture", "is image/png, which is not read"),
        ("/nothing", "holds no text"),
        ("/missing", "answers 404 Not Found: check the address"),
        ("/loop", "redirects more than 5 times"),
        ("/ftp", "is not an http or https address"),
        ("/file-url", "is not an http or https address"),
        ("/inward", r"is at 127\.0\.0\.2, not a public address"),
        ("/cut-gzip", "ends early"),
        ("/bad-gzip", "is packed wrongly"),
        ("/brotli", "comes packed as 'br'"),
        ("/deflate", "comes packed as 'deflate'"),
        ("/short", "ends early"),
    ],
)
def test_what_is_no_page_says_so_in_one_line(site: str, path: str, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason) as caught:
        fetch(site + path, allow=here)
    assert str(caught.value).startswith(site + path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", ["/big", "/bomb"])
def test_size_is_bounded_as_sent_and_as_unpacked(site: str, path: str) -> None:
    with pytest.raises(UnreadableSource, match=r"is over the limit of 0\.2 MB"):
        fetch(site + path, Limits(max_bytes=200_000), allow=here)


def test_this_machine_is_refused_by_default(site: str) -> None:
    with pytest.raises(UnreadableSource, match=r"is at 127\.0\.0\.1, not a public address"):
        fetch(site + "/page")


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_other_names_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises(UnreadableSource, match=r"not a public address|cannot be found"):
        fetch(f"http://{host}:1/")


def test_the_address_that_was_checked_is_the_one_connected_to(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that first means a public address and then this machine: it is looked up once only."""
    asked: list[str] = []
    port = int(site.rpartition(":")[2])

    def rebinding(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with pytest.raises(UnreadableSource, match=r"is at 192\.0\.2\.1, not a public address"):
        fetch("http://rebinding.example/", allow=here)
    assert asked == ["rebinding.example"]


def test_of_several_addresses_only_the_allowed_are_tried(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(site.rpartition(":")[2])

    def several(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (a, port)) for a in ("10.0.0.1", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", several)
    assert fetch("http://both.example/page", allow=here).title == "Title"


def served(handle: Callable[[socket.socket], None]) -> tuple[str, threading.Thread]:
    """A server for one connection that does as ``handle`` says."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(30)

    def run() -> None:
        with listening:
            connection, _ = listening.accept()
            with connection:
                handle(connection)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/slow", thread


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"])
def test_a_server_that_drips_is_ended_by_the_clock(beginning: bytes) -> None:
    stopped = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(beginning)
        try:
            while not stopped.wait(0.05):
                connection.sendall(b"X")
        except OSError:
            return

    url, thread = served(drip)
    with pytest.raises(UnreadableSource, match=r"takes over 0\.5 seconds to answer"):
        fetch(url, Limits(seconds=0.5), allow=here)
    stopped.set()
    thread.join(30)


def test_a_server_that_says_nothing_is_ended_by_the_clock() -> None:
    stopped = threading.Event()
    url, thread = served(lambda _: stopped.wait(30) and None)
    with pytest.raises(UnreadableSource, match=r"takes over 0\.5 seconds to answer"):
        fetch(url, Limits(seconds=0.5), allow=here)
    stopped.set()
    thread.join(30)


def test_encryption_is_asked_for_and_must_succeed(site: str) -> None:
    with pytest.raises(UnreadableSource, match="cannot be fetched"):
        fetch(site.replace("http://", "https://") + "/page", Limits(seconds=10), allow=here)


def test_a_server_that_speaks_no_http() -> None:
    def greet(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"220 mail ready\r\n")

    url, thread = served(greet)
    with pytest.raises(UnreadableSource, match="cannot be fetched"):
        fetch(url, allow=here)
    thread.join(30)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.org/x", "is not an http or https address"),
        ("http://", "is not an http or https address"),
        ("http://user:secret@example.org/", "holds a user name or password"),
        ("http://example.org/a b", "blanks or control characters"),
        ("http://example.org/\r\nX: y", "blanks or control characters"),
        ("http://example.org:99999/", "cannot be fetched"),
        ("http://[::1/", "cannot be fetched"),
        (f"http://{'a' * 300}.org/", "host name that is too long"),
        ("http://no-such-name.invalid/", "cannot be found"),
    ],
)
def test_urls_that_cannot_be(url: str, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason) as caught:
        fetch(url, Limits(seconds=10))
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    "127.0.0.1 127.255.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 240.0.0.1"
    " 255.255.255.255 192.0.2.1 198.18.0.1 ::1 :: fe80::1 fc00::1 fd12::1 ff02::1 fec0::1 ::ffff:10.0.0.1"
    " ::ffff:127.0.0.1 ::127.0.0.1 2002:7f00:1:: 2002:a00:1:: 64:ff9b::7f00:1 64:ff9b::a00:1 2001:db8::1 100::1"
    " 2001:0:4136:e378:8000:63bf:80ff:fffe"
    " 192.0.0.9 192.0.0.10 192.88.99.1 3fff::1 3fff:fff:ffff::1".split(),
)
def test_addresses_that_are_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_addresses_that_are_public(text: str) -> None:
    assert is_public(ip_address(text))
