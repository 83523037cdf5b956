"""Reach Milvus: a cluster by its address, or Milvus Lite, which serves a local file from within this process."""

import logging
import os
import re
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openbook.errors import IndexBusy, IndexProblem, MissingExtra
from openbook.index.faults import explained

CONNECT_SECONDS = 10.0
TOKEN_VARIABLES = ("OPENBOOK_MILVUS_TOKEN", "MILVUS_TOKEN")

_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_UNREACHABLE = ("fail connecting", "unavailable", "connection refused", "name resolution", "dns")
_UNWELCOME = ("unauthenticated", "not authenticated", "auth check", "permission", "privilege")

_served: dict[Path, int] = {}
"""The files being served, and how many stores use each."""

_served_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Address:
    """where: a path ending in .db, or http(s)://host:port[/database]; name: tells the indexes of one server apart."""

    where: str
    name: str

    @property
    def file(self) -> Path | None:
        return None if _is_server(self.where) else Path(self.where).expanduser().absolute()

    def __str__(self) -> str:
        return f"milvus:{self.where}#{self.name}" if self.name else f"milvus:{self.where}"


def parse_address(where: str) -> Address:
    """``FILE.db``, ``http://HOST:PORT`` or ``https://HOST:PORT``, with ``#NAME`` behind it where several share a place.

    Raises IndexProblem where it is none of these, or carries a password.
    """
    place, _, name = (where, "", "") if where.endswith(".db") else where.partition("#")
    if name and not _NAME.fullmatch(name):
        raise IndexProblem(f"milvus:{place}#NAME takes letters, digits and _ as NAME: choose another")
    if _is_server(place):
        try:
            parts = urlsplit(place)
            reachable = bool(parts.hostname) and parts.port != 0
        except ValueError:
            reachable, parts = False, urlsplit("")
        if "@" in place:
            raise IndexProblem(f"put the token in the variable {TOKEN_VARIABLES[0]}, not in the address of the server")
        if reachable and not parts.query:
            return Address(place.rstrip("/"), name)
    elif place.endswith(".db"):
        return Address(place, name)
    raise IndexProblem(f"milvus:{place} names no Milvus: write milvus:FILE.db or milvus:http://HOST:19530")


def connect(address: Address, *, create: bool) -> tuple[Any, Callable[[], None]]:
    """Reach the server, or serve the file, which with ``create`` may be a new one.

    Returns a ``pymilvus.MilvusClient``, and what to call once it is closed. Raises MissingExtra without pymilvus,
    IndexBusy where another process has the file, IndexProblem where nothing answers or the token is refused.
    """
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise MissingExtra("the Milvus store", "milvus") from error
    for name in ("pymilvus", "pymilvus.milvus_client", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # whatever they log they also raise, and it is said once
    if address.file is None:
        with explained_client(address):
            client = MilvusClient(address.where, token=_token(), timeout=CONNECT_SECONDS, dedicated=True)
        return client, lambda: None
    file = address.file
    _begin_serving(file, create=create)
    try:
        with explained_client(address):
            client = MilvusClient(str(file), timeout=CONNECT_SECONDS, dedicated=True)
        return client, lambda: _end_serving(file)
    except BaseException:
        _end_serving(file)
        raise


@contextmanager
def explained_client(address: Address) -> Generator[None]:
    """Turns what the client raises into IndexProblem with one line that says what to do."""
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, grpc.RpcError) as error:
        message = str(error.message) if isinstance(error, MilvusException) else str(error)
        cause = str(error.__cause__ or "")  # "Fail connecting" may hide that the token was refused
        if "open local milvus failed" in f"{message} {cause}".lower():  # the probe passed, then another was faster
            raise IndexBusy(f"{address} is in use by another process: try again when it has finished") from error
        raise IndexProblem(f"{address} {_advice(message, cause)}") from error


def _advice(message: str, cause: str) -> str:
    lower = f"{message} {cause}".lower()
    if any(sign in lower for sign in _UNWELCOME):
        return f"does not let us in: set the variable {TOKEN_VARIABLES[0]} to a token, or user:password, that may write"
    if any(sign in lower for sign in _UNREACHABLE):
        return "cannot be reached: check the address, and that the Milvus server runs"
    if "timeout" in lower or "deadline" in lower:
        return "did not answer in time: check the server, then run the command again"
    if "unimplemented" in lower:
        return "does not answer as Milvus 2.5 or newer does: check the port, or upgrade the server"
    token = _token()
    reason = " ".join((message.replace(token, "***") if token else message).split())[:200]
    return f"refused a request ({reason}): check the server, then run the command again"


def _begin_serving(file: Path, *, create: bool) -> None:
    """Make sure that the file can be served, as pymilvus does not say why it cannot, and count who uses it."""
    try:
        from milvus_lite.db import MilvusLite
        from milvus_lite.exceptions import DataDirLockedError
    except ImportError as error:
        raise MissingExtra("Milvus Lite", "milvus") from error
    if not create and not file.exists():
        raise IndexProblem(f"there is no index at {file}: make one with `openbook index DIR --store milvus:{file}`")
    with explained(file), _served_lock:
        if file not in _served:
            if file.is_file() or (file.is_dir() and any(file.iterdir()) and not (file / "collections").is_dir()):
                raise IndexProblem(f"{file} is not of Milvus Lite: choose another path")
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                MilvusLite(str(file)).close()
            except DataDirLockedError as error:
                raise IndexBusy(f"{file} is in use by another process: try again when it has finished") from error
        _served[file] = _served.get(file, 0) + 1


def _end_serving(file: Path) -> None:
    from milvus_lite.server_manager import server_manager_instance

    with _served_lock:
        _served[file] -= 1
        if not _served[file]:
            del _served[file]
            server_manager_instance.release_server(str(file))


def _is_server(where: str) -> bool:
    return where.lower().startswith(("http://", "https://"))


def _token() -> str:
    return next((os.environ[name] for name in TOKEN_VARIABLES if os.environ.get(name)), "")
