"""Which MCP server is meant, how it is reached, and what its tools may do: as a person wrote it, typos refused."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openbook.errors import OpenbookError
from openbook.guard.capability import Effect
from openbook.json_lines import shortened
from openbook.toml_file import toml_table

_NAME = r"[a-z](?:_?[a-z0-9-]){0,15}"
"""Never two underscores together: what stands before them in a tool's full name is one server's alone."""

_NAMED = re.compile(rf"({_NAME})=(.+)", re.DOTALL)
_NO_NAME = re.compile(r"[^a-z0-9-]+")
_LARGEST_FILE = 100_000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a person says of one tool, in place of what nobody knows. description: in their words, so trusted."""

    effects: frozenset[Effect]
    content: frozenset[str] = frozenset()
    description: str | None = None


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """name: what its tools and their results are known by here. command: a program and its arguments; else a url.

    environment: variables handed on to the program, beside the few that every program needs. headers: of requests, each
    with the name of the variable that holds its value, so that no secret stands in a file.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    environment: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    tools: Mapping[str, Declared] = field(default_factory=dict[str, Declared])

    @property
    def address(self) -> str:
        """The command line or the url."""
        return self.url or shlex.join(self.command)


def parse_server(spec: str) -> ServerSpec:
    """``COMMAND``, ``http(s)://…`` or ``FILE.toml``, with ``NAME=`` before it where another name is wanted.

    Raises OpenbookError.
    """
    spec = spec.strip()
    named = _NAMED.fullmatch(spec)
    name, said = (named[1], named[2].strip()) if named else ("", spec)
    if said.endswith(".toml"):
        return _from_file(Path(said).expanduser(), name)
    if "://" in said.split(maxsplit=1)[0] if said else False:
        return _checked(ServerSpec(name or _name_of_url(said), url=said))
    try:
        words = tuple(shlex.split(said))
    except ValueError as error:
        raise OpenbookError(f"{shortened(said)!r} is no command line ({error}): close the quotes") from None
    if not words:
        raise OpenbookError("an MCP server needs a command, an http(s) address or a .toml file: name one")
    return _checked(ServerSpec(name or _plain(Path(words[0]).stem), command=words))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _ToolTable(_Strict):
    effects: list[Effect]
    content: list[str] = []
    description: str | None = Field(default=None, max_length=2_000)


class _ServerTable(_Strict):
    name: str | None = Field(default=None, pattern=f"^{_NAME}$")
    command: list[str] = []
    url: str = ""
    environment: list[str] = []
    headers: dict[str, str] = {}
    tools: dict[str, _ToolTable] = {}


class _File(_Strict):
    server: _ServerTable


def _from_file(path: Path, name: str) -> ServerSpec:
    found = toml_table(path, "server description", _LARGEST_FILE)
    try:
        table = _File.model_validate(found).server
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        at = ".".join(str(each) for each in fault["loc"])
        raise OpenbookError(f"{path}: {shortened(at)}: {shortened(fault['msg'], 100)}: mend it") from None
    if bool(table.command) == bool(table.url):
        raise OpenbookError(f"{path}: [server] needs either a command or a url: give one of them")
    tools = {
        tool: Declared(frozenset(said.effects), frozenset(said.content), said.description)
        for tool, said in table.tools.items()
    }
    chosen = name or table.name or _plain(path.stem)
    return _checked(ServerSpec(chosen, tuple(table.command), table.url, tuple(table.environment), table.headers, tools))


def _checked(spec: ServerSpec) -> ServerSpec:
    if any("\0" in word for word in (*spec.command, spec.url)):
        raise OpenbookError("the address of an MCP server holds a NUL: write it without")
    if not spec.url:
        return spec
    try:
        parts = urlsplit(spec.url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise OpenbookError(f"{shortened(spec.url)} is no address ({error}): write http(s)://HOST/PATH") from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise OpenbookError(f"{shortened(spec.url)} is no address of an MCP server: write http(s)://HOST/PATH")
    if spec.headers and parts.scheme == "http" and host not in _LOOPBACK:
        raise OpenbookError(f"{shortened(spec.url)} would get its headers unencrypted: use https, or no headers")
    return spec


def _name_of_url(url: str) -> str:
    try:
        return _plain(urlsplit(url).hostname or "")
    except ValueError:
        return _plain("")


def _plain(name: str) -> str:
    """A name of letters that tools can be known by."""
    plain = _NO_NAME.sub("_", name.lower()).strip("_-")
    return (plain if plain[:1].isalpha() else f"server_{plain}")[:16].rstrip("_")
