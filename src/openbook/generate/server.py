"""One server over HTTP: an answer piece by piece, and every way in which there may be none as one line."""

import json
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, cast

from openbook.errors import MissingExtra, OpenbookError
from openbook.generate.address import KEY, Address
from openbook.generate.completion import fault_in
from openbook.generate.events import bounded
from openbook.generate.patience import Patience, retry_after
from openbook.json_lines import shortened
from openbook.values import Json

_LARGEST_FAULT = 64_000


class Again(Exception):
    """Another try may help. after: the seconds that the server asked for."""

    def __init__(self, words: str, after: float | None = None) -> None:
        super().__init__(words)
        self.words, self.after = words, after


class Refused(Exception):
    """The server does not take this request; another, with less in it, it might."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Server:
    """Threads may share one."""

    address: Address
    client: Any
    patience: Patience
    sleep: Callable[[float], None] = time.sleep

    def request(self, method: str, path: str, body: dict[str, Json] | None = None) -> Generator[Any]:
        """First the answer's media type, then its bytes as they come. Raises Again, Refused and OpenbookError."""
        import httpx2

        key, base = self.address.key(), self.address.base
        headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {key}"} if key else {})}
        content = None if body is None else json.dumps(body).encode("ascii")
        if content is not None:
            headers["Content-Type"] = "application/json"
        ends = time.monotonic() + self.patience.total
        try:
            with self.client.stream(method, base + path, content=content, headers=headers) as response:
                self._check(response, key)
                yield str(response.headers.get("content-type", ""))
                for chunk in response.iter_bytes():
                    if time.monotonic() > ends:
                        raise OpenbookError(f"{base} goes on after {self.patience.total:,g} seconds: ask for less")
                    yield chunk
        except httpx2.ReadTimeout:
            raise OpenbookError(
                f"{base} has said nothing for {self.patience.silence:g} seconds: look whether it works"
            ) from None
        except httpx2.TransportError as error:
            raise Again(shortened(without_key(str(error) or type(error).__name__, key), 100)) from None
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise OpenbookError(f"{base} cannot be asked: {shortened(without_key(str(error), key), 100)}") from None

    def again(self, again: Again, tried: int) -> None:
        """Wait before the next try. Raises OpenbookError where there is to be none."""
        wait = self.patience.wait(tried, again.after)
        if wait is not None:
            self.sleep(wait)
            return
        base = self.address.base
        if again.after is not None and again.after > self.patience.longest:
            raise OpenbookError(f"{base} asks to wait {again.after:,.0f} seconds ({again.words}): ask again later")
        raise OpenbookError(f"{base} gives no answer in {tried} tries ({again.words}): is it running?")

    def _check(self, response: Any, key: str) -> None:
        """Raises Again, Refused or OpenbookError unless the answer is one to the question."""
        status, base = int(response.status_code), self.address.base
        kind = str(response.headers.get("content-type", ""))
        if status == 200:
            if not kind.startswith(("text/event-stream", "application/json")):
                raise OpenbookError(f"{base} answers with {shortened(kind) or 'nothing'}: it is no such API")
            return
        said = shortened(without_key(_fault(response.iter_bytes()), key), 160)
        if status == 429 or status >= 500:
            raise Again(f"HTTP {status}: {said}", retry_after(response.headers.get("retry-after", "")))
        if status in (400, 422):
            raise Refused(said)
        if status in (401, 403):
            told = f"refuses the key in {KEY}: check it" if key else f"wants a key: set {KEY}"
            crossing = not (self.address.secure or self.address.loopback)
            raise OpenbookError(f"{base} {told}{', and use https, as it crosses no network in the open' * crossing}")
        if 300 <= status < 400:
            raise OpenbookError(f"{base} sends on to another address, which may not be followed: name that one")
        raise OpenbookError(f"{base} has nothing there (HTTP {status}): {said}")


def connected(address: Address, patience: Patience, sleep: Callable[[float], None] = time.sleep) -> Server:
    """Nothing is sent yet. Raises OpenbookError, and MissingExtra where httpx2 is not installed."""
    try:
        import httpx2
    except ImportError:
        raise MissingExtra("a model behind a server", "remote") from None
    timeout = httpx2.Timeout(patience.silence, connect=patience.connect)
    try:  # what is on this machine is not asked for through a proxy
        client = httpx2.Client(timeout=timeout, trust_env=not address.loopback)
    except (ValueError, OSError, httpx2.InvalidURL) as error:
        raise OpenbookError(f"the settings for proxies or certificates are no use: {shortened(str(error))}") from None
    return Server(address, client, patience, sleep)


def _fault(chunks: Iterable[bytes]) -> str:
    content = bounded(chunks, _LARGEST_FAULT)
    try:
        found: Any = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return fault_in(cast("dict[str, Any]", found))
    return content.decode("utf-8", "replace")


def without_key(words: str, key: str) -> str:
    """What a server says may hold what it was told."""
    return words.replace(key, "***") if key else words
