"""One HTTP request to an address that was checked, over a connection that a deadline can end."""

import contextlib
import http.client
import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import SplitResult

from openbook.documents.addresses import Allow, parse_address
from openbook.documents.limits import Limits, in_megabytes
from openbook.documents.refused import Refused

_BLOCK = 1 << 16
_GZIP_WINDOW = 31  # zlib's word for "with a gzip header"
_HEADERS = {
    "User-Agent": "openbook",
    "Accept": "text/html, text/*;q=0.9, application/pdf;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Response:
    """body: unpacked, and empty unless the status is 200. media_type, charset, location: empty where not stated."""

    status: int
    reason: str
    media_type: str
    charset: str
    location: str
    body: bytes


def get(url: SplitResult, limits: Limits, deadline: float, allow: Allow) -> Response:
    """GET ``url``, whose host is in ASCII, until ``deadline`` by time.monotonic().

    Raises Refused where the address, the size or the time is not allowed, and OSError or http.client.HTTPException
    where the network or the server fails.
    """
    host, is_encrypted = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if is_encrypted else 80)
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(_connect(_resolve(host, port, deadline), deadline, allow))
        expired = stack.enter_context(_ended_at(plain, deadline))
        late = f"takes over {limits.seconds:g} seconds to answer"
        try:
            stream = stack.enter_context(_encrypt(plain, host)) if is_encrypted else plain
            connection = stack.enter_context(contextlib.closing(http.client.HTTPConnection(host, port)))
            connection.sock = stream  # connected before, so that the address checked is the one spoken to
            connection.request("GET", (url.path or "/") + (f"?{url.query}" if url.query else ""), headers=_HEADERS)
            response = _response(stack.enter_context(connection.getresponse()), limits)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if expired.is_set() or isinstance(error, TimeoutError):
                raise Refused(late) from error
            raise
        if expired.is_set():  # a connection shut down looks like one that the server has closed
            raise Refused(late)
        return response


def _response(answer: http.client.HTTPResponse, limits: Limits) -> Response:
    stated = answer.headers
    return Response(
        answer.status,
        answer.reason,
        stated.get_content_type() if "Content-Type" in stated else "",
        stated.get_content_charset("") or "",
        stated.get("Location", ""),
        _body(answer, limits) if answer.status == http.client.OK else b"",
    )


def _resolve(host: str, port: int, deadline: float) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    """Families and socket addresses; in a thread of its own, as a resolver may take minutes and cannot be told less."""
    answers: queue.SimpleQueue[list[tuple[socket.AddressFamily, tuple[str, int]]] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, address) for family, _, _, _, address in found])  # pyright: ignore[reportArgumentType]
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        raise Refused("cannot be found in time: check the name and the network") from None
    if isinstance(answer, Exception):
        raise Refused(f"cannot be found ({answer}): check the name and the network") from answer
    return answer


def _connect(found: list[tuple[socket.AddressFamily, tuple[str, int]]], deadline: float, allow: Allow) -> socket.socket:
    """A connection to the first allowed address that accepts one: by number, so that no name is looked up again."""
    allowed = [(family, address) for family, address in found if allow(parse_address(address[0]))]
    if not allowed:
        places = ", ".join(sorted({address[0] for _, address in found})) or "no address"
        raise Refused(f"is at {places}, not a public address: save the page and index the file instead")
    failure: OSError = TimeoutError("no time left to connect")
    for family, address in allowed:
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            break
        connecting = socket.socket(family, socket.SOCK_STREAM)
        try:
            connecting.settimeout(seconds)
            connecting.connect(address)
        except OSError as error:
            connecting.close()
            failure = error
        else:
            return connecting
    raise failure


def _encrypt(plain: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


@contextlib.contextmanager
def _ended_at(plain: socket.socket, deadline: float) -> Generator[threading.Event]:
    """Shuts the connection down at the deadline, whatever waits for it: a timeout of the socket's own begins anew with
    every byte that a slow server sends. The event tells whether that has happened."""
    expired = threading.Event()
    twin = plain.dup()  # encryption takes the socket itself away

    def expire() -> None:
        expired.set()
        with contextlib.suppress(OSError):  # the other side may have closed it already
            twin.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), expire)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()
        timer.join()
        twin.close()


def _body(answer: http.client.HTTPResponse, limits: Limits) -> bytes:
    """The whole body, unpacked; both what comes in and what it unpacks to are bounded while it comes."""
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip"):
        raise Refused(f"comes packed as {coding!r}, which was not asked for")
    unpacker = zlib.decompressobj(_GZIP_WINDOW) if "gzip" in coding else None
    body = bytearray()
    received = 0
    while block := answer.read(_BLOCK):
        received += len(block)
        while block and unpacker is not None:
            if unpacker.eof:  # a gzip stream may have several members
                unpacker = zlib.decompressobj(_GZIP_WINDOW)
            try:
                body += unpacker.decompress(block, max(1, limits.max_bytes + 1 - len(body)))
            except zlib.error as error:
                raise Refused(f"is packed wrongly ({error})") from error
            _check_size(len(body), limits)
            block = unpacker.unused_data
        body += block
        _check_size(max(received, len(body)), limits)
    if answer.length or (unpacker is not None and not unpacker.eof):
        raise Refused("ends early: try again")
    return bytes(body)


def _check_size(size: int, limits: Limits) -> None:
    if size > limits.max_bytes:
        raise Refused(f"is over the limit of {in_megabytes(limits.max_bytes)}")
