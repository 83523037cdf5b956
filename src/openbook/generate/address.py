"""Where a model is served: ``http(s)://HOST[:PORT]/v1#MODEL``, and which servers may be told the key."""

import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from openbook.errors import OpenbookError
from openbook.json_lines import shortened

KEY = "OPENBOOK_API_KEY"
"""The environment variable with the key; it is never printed, and taken from nowhere else."""

_FORM = "http(s)://HOST:PORT/v1#MODEL"


@dataclass(frozen=True, slots=True)
class Address:
    """base: up to the API's version, without a slash at its end. model: empty where none was named."""

    base: str
    model: str
    secure: bool
    loopback: bool

    def key(self) -> str:
        """The key for this server; empty where none is set, or it would cross a network in the open.

        Raises OpenbookError, without showing it, where what is set cannot be one.
        """
        found = os.environ.get(KEY, "").strip()
        if not re.fullmatch("[!-~]{0,4096}", found):
            raise OpenbookError(f"{KEY} holds blanks or characters that no key has: set it again")
        return found if self.secure or self.loopback else ""


def parse_address(spec: str) -> Address:
    """Raises OpenbookError where it is no such address. A name or password in it is refused and not repeated."""
    url, _, model = spec.partition("#")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OpenbookError(f"this is no address of a server: write {_FORM}") from None
    if "@" in parts.netloc:
        raise OpenbookError(f"an address holds no name or password: leave it out, and set {KEY} to the key")
    if parts.scheme not in ("http", "https") or not host or not re.fullmatch("[!-~]+", url):
        raise OpenbookError(f"{shortened(url)} is no address of a server: write {_FORM}")
    if parts.query:
        raise OpenbookError(f"{shortened(url)} has a query, which the API has not: write {_FORM}")
    if len(model) > 200 or not model.isprintable():
        raise OpenbookError(f"no model has such a name: write {_FORM}")
    where = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/") or "/v1"
    base = f"{parts.scheme}://{where}{'' if port is None else f':{port}'}{path}"
    return Address(base, model, parts.scheme == "https", _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
