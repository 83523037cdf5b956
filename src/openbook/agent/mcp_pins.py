"""What a server offered when it was first seen, so that it cannot become another one between two runs ("rug pull").

Each tool's name, description and schema are kept as one digest. Another listing is refused until a person has looked at
it and accepted it; what a person has accepted may be shown to a planner in the server's own words.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from openbook.agent.mcp_spec import ServerSpec
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.report.files import write_whole
from openbook.values import Json

_LARGEST = 1_000_000
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """A tool as the server lists it, all in the server's words. claims: its annotations, which nobody vouches for."""

    name: str
    description: str
    schema: Mapping[str, Json]
    claims: Mapping[str, Json]

    @property
    def digest(self) -> str:
        """SHA-256 of all that a planner or a check could be shown of it."""
        whole = [self.name, self.description, self.schema, self.claims]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Pinned:
    """tools: each one's name and digest. accepted: whether a person has read them, rather than this being the first."""

    tools: Mapping[str, str]
    accepted: bool = False


class ListingChanged(OpenbookError):
    """A server offers other tools than those that are pinned."""


def pin_path(server: ServerSpec) -> Path:
    """One file for each address, in the person's data folder; the same script in another folder is another server."""
    words = [server.url] if server.url else [_absolute(word) for word in server.command]
    name = hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return user_data_path("openbook", appauthor=False) / "mcp" / f"{name}.json"


def pinned(server: ServerSpec) -> Pinned | None:
    """None where this server was never seen. Raises OpenbookError for a file that cannot be understood."""
    path = pin_path(server)
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OpenbookError(f"{path} cannot be read ({error.strerror or error}): give yourself access to it") from None
    try:
        found: Any = json.loads(raw)
        return Pinned({str(name): str(digest) for name, digest in found["tools"].items()}, found["accepted"] is True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise OpenbookError(f"{path} is damaged: remove it, and look anew at what the server offers") from None


def pin(server: ServerSpec, listing: Sequence[Listed], *, accepted: bool) -> None:
    """Raises OpenbookError where the file cannot be written."""
    tools = {tool.name: tool.digest for tool in listing}
    kept = {"server": server.name, "accepted": accepted, "tools": tools}  # not its address, which may hold a secret
    write_whole(pin_path(server), json.dumps(kept, indent=1, sort_keys=True) + "\n")


def refuse_changed(server: ServerSpec, listing: Sequence[Listed], known: Pinned) -> None:
    """Raises ListingChanged, naming what is new, gone or other than it was."""
    now = {tool.name: tool.digest for tool in listing}
    changed = [
        (what, names)
        for what, names in (
            ("changed", [name for name in now if known.tools.get(name, now[name]) != now[name]]),
            ("new", [name for name in now if name not in known.tools]),
            ("gone", [name for name in known.tools if name not in now]),
        )
        if names
    ]
    if changed:
        told = "; ".join(f"{what}: {_some(names)}" for what, names in changed)
        raise ListingChanged(
            f"the MCP server {server.name} does not offer what it did ({told}): "
            f"look with `openbook mcp tools`, then accept it with --accept"
        )


def _absolute(word: str) -> str:
    try:
        path = Path(word)
        return str(path.resolve()) if path.exists() else word
    except (OSError, RuntimeError):  # a name too long, a loop of links
        return word


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(shortened(name, 40) for name in names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
