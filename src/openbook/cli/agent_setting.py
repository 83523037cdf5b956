"""What a run of the agent has: its request, and the tools that its options open."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from openbook.agent.tool import Tool
from openbook.encode import SentenceEncoder, open_encoder
from openbook.errors import OpenbookError
from openbook.values import Json

SHIPPED = (
    "ask_documents search_documents calculate add_to_date date_difference weekday_of convert_units read_file "
    "write_file http_get"
).split()
"""The tools that options open, all of them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """tools: names of those wanted; None for all there are. policy: a file. model: who plans, where a language
    model does. stepwise: whether it chooses each call as it goes. servers: of MCP. Kept in the journal, so that a run
    can be gone on with.
    """

    task: str
    docs: tuple[str, ...] = ()
    root: str | None = None
    hosts: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None
    policy: str | None = None
    model: str | None = None
    stepwise: bool = False
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """roots: of the documents, to name them by."""

    tools: Sequence[Tool]
    encoder: SentenceEncoder
    roots: Sequence[Path]


def setting_json(setting: Setting) -> Json:
    return cast("Json", asdict(setting))


def setting_of(found: Json) -> Setting:
    """Raises OpenbookError for what another program noted."""
    if not isinstance(found, Mapping):
        raise OpenbookError("the journal's run was not begun by `openbook agent`: begin a new one")
    given = cast("Mapping[str, Any]", found)
    try:
        tools = given["tools"]
        return Setting(
            str(given["task"]),
            tuple(map(str, given["docs"])),
            None if given["root"] is None else str(given["root"]),
            tuple(map(str, given["hosts"])),
            None if tools is None else tuple(map(str, tools)),
            None if given["policy"] is None else str(given["policy"]),
            None if given["model"] is None else str(given["model"]),
            bool(given["stepwise"]),
            tuple(map(str, given["servers"])),
        )
    except (KeyError, TypeError):
        raise OpenbookError("the journal's run was not begun by `openbook agent`: begin a new one") from None


@contextmanager
def open_tools(setting: Setting) -> Generator[Opened]:
    """Documents are indexed where they are not yet. Raises OpenbookError for a tool that there is not."""
    from openbook.agent.tools.calculator import calculator
    from openbook.agent.tools.dates import date_tools
    from openbook.agent.tools.files import file_tools
    from openbook.agent.tools.units import unit_converter
    from openbook.agent.tools.web import page_reader

    found: list[Tool] = [calculator(), *date_tools(), unit_converter()]
    if setting.root is not None:
        if not Path(setting.root).is_dir():
            raise OpenbookError(f"there is no folder {setting.root}: make it, or name another with --root")
        found += file_tools(Path(setting.root))
    if setting.hosts:
        found.append(page_reader(setting.hosts))
    with _served(setting.servers) as served:
        found += served
        if setting.docs:
            with _documents(setting.docs) as (documents, encoder, sources):
                yield Opened(_wanted([*documents, *found], setting.tools), encoder, sources)
        else:
            yield Opened(_wanted(found, setting.tools), open_encoder(), ())


@contextmanager
def _served(servers: Sequence[str]) -> Generator[Sequence[Tool]]:
    if not servers:
        yield ()
        return
    from openbook.agent.mcp_client import open_servers
    from openbook.cli.progress import say

    with open_servers(servers, say=say) as found:
        yield found


@contextmanager
def _documents(docs: Sequence[str]) -> Generator[tuple[Sequence[Tool], SentenceEncoder, Sequence[Path]]]:
    from openbook.agent.tools.documents import document_tools
    from openbook.answer.engine import open_engine
    from openbook.answer.suspect import Guard
    from openbook.cli.opened import opened, place_of, say_what_is_missing
    from openbook.encode.injection import open_injection
    from openbook.index.open import open_store

    place = place_of(docs, None, None)
    with opened(place) as (store, encoder):
        say_what_is_missing(place, store)
        documents = document_tools(
            lambda: open_store(place.spec),
            encoder,
            open_engine(encoder),
            within=tuple(place.sources),
            guard=Guard(cache(open_injection), everything=True),
        )
        yield documents, encoder, [Path(each) for each in place.sources]


def _wanted(found: Sequence[Tool], names: Sequence[str] | None) -> list[Tool]:
    if names is None:
        return list(found)
    if not names:
        raise OpenbookError("--tools names none: name some, or leave it out for all there are")
    known = {tool.name: tool for tool in found}
    for name in names:
        if name not in known:
            raise OpenbookError(
                f"there is no tool {name[:40]!r} here, only {', '.join(known)}: --docs, --root and --host open others"
            )
    return [known[name] for name in dict.fromkeys(names)]
