"""``openbook mcp tools``: what a server says it offers, beside what its tools may do here, for a person to judge."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from openbook.agent.mcp_client import connected, tools_of
from openbook.agent.mcp_pins import Listed, ListingChanged, pin, pinned, refuse_changed
from openbook.agent.mcp_spec import ServerSpec, parse_server
from openbook.agent.mcp_words import cleaned
from openbook.agent.tool import Tool
from openbook.cli.progress import say
from openbook.cli.screen import console, plural
from openbook.cli.typed import print_json
from openbook.errors import OpenbookError
from openbook.guard.capability import EFFECTS
from openbook.json_lines import shortened
from openbook.report.files import write_whole
from openbook.values import Json

_LONGEST = 4_000
"""Characters of a description that are shown to a person."""


@dataclass(frozen=True, slots=True)
class _Look:
    """state: ``new``, ``pinned``, ``accepted`` or ``changed``. why: what changed, one line."""

    server: ServerSpec
    listing: Sequence[Listed]
    tools: Mapping[str, Tool]
    state: str
    why: str


def run_listing(spec: str, *, accept: bool, write: Path | None, as_json: bool) -> None:
    """Raises OpenbookError where the server or the file cannot be used, and typer.Exit with 1 where it changed."""
    server = parse_server(spec)
    if write is not None and write.exists():
        raise OpenbookError(f"{write} is there already: name another file")
    with connected(server) as connection:
        listing = connection.listing
        tools = {tool.name: tool for tool in tools_of(connection, accepted=True, say=say)}
    state, why = _state(server, listing)
    if as_json:
        print_json(_as_data(_Look(server, listing, tools, state, why)))
    else:
        _show(_Look(server, listing, tools, state, why))
    if accept:
        pin(server, listing, accepted=True)
        say(f"accepted: what {server.name} says of its tools may be shown to a planner")
    elif state == "new":
        pin(server, listing, accepted=False)
    if write is not None:
        write_whole(write, _toml(server, listing, tools))
        say(f"written: {write}; say in it what each tool may do, and name it in place of the server")
    if state == "changed" and not accept:
        raise typer.Exit(1)


def _state(server: ServerSpec, listing: Sequence[Listed]) -> tuple[str, str]:
    known = pinned(server)
    if known is None:
        return "new", ""
    try:
        refuse_changed(server, listing, known)
    except ListingChanged as error:
        return "changed", str(error)
    return "accepted" if known.accepted else "pinned", ""


def _as_data(look: _Look) -> dict[str, Json]:
    rows: list[Json] = []
    for listed in look.listing:
        tool = look.tools.get(_full(look, listed))
        rows.append(
            {
                "name": listed.name,
                "description": listed.description,
                "schema": listed.schema,
                "claims": listed.claims,
                "digest": listed.digest,
                "usable": tool is not None,
                "effects": [] if tool is None else _effects(tool),
                "content": [] if tool is None else sorted(tool.capability.content),
            }
        )
    return {"server": look.server.name, "state": look.state, "changed": look.why, "tools": rows}


def _show(look: _Look) -> None:
    screen = console()
    screen.print(Text.assemble((look.server.name, "bold"), f" · {plural(len(look.listing), 'tool')} · {look.state}"))
    if look.why:
        screen.print(Text(f"! {look.why}", style="red"))
    for listed in look.listing:
        screen.print()
        properties = listed.schema.get("properties")
        arguments = ", ".join(shortened(name, 40) for name in properties) if isinstance(properties, Mapping) else ""
        screen.print(Text.assemble((listed.name, "bold"), f"({arguments})"))
        _below(screen, cleaned(listed.description, _LONGEST) or "(says nothing)")
        unseen = sum(not (character.isprintable() or character.isspace()) for character in listed.description)
        if unseen:
            _below(screen, f"! {plural(unseen, 'character')} of this cannot be seen", "red")
        tool = look.tools.get(_full(look, listed))
        if tool is None:
            _below(screen, "! left out: its arguments cannot be checked safely", "red")
            continue
        content = ", ".join(sorted(tool.capability.content)) or "none"
        _below(screen, f"may here: {', '.join(_effects(tool)) or 'calculate'} · content: {content}", "cyan")
        if listed.claims:
            claims = ", ".join(
                f"{shortened(name, 30)} {shortened(str(said), 30)}" for name, said in listed.claims.items()
            )
            _below(screen, f"claims, which change nothing: {claims}", "dim")


def _below(screen: Console, line: str, style: str = "") -> None:
    for part in Text(line, style=style).wrap(screen, screen.width - 3):
        part.rstrip()
        screen.print(Text("   ") + part)


def _full(look: _Look, listed: Listed) -> str:
    return f"{look.server.name}__{listed.name}"


def _effects(tool: Tool) -> list[str]:
    return [effect for effect in EFFECTS if effect in tool.capability.effects]


def _toml(server: ServerSpec, listing: Sequence[Listed], tools: Mapping[str, Tool]) -> str:
    """A file that changes nothing yet: a JSON string or list of strings is TOML too."""
    where = f"url = {_quoted(server.url)}" if server.url else f"command = {_quoted(list(server.command))}"
    lines = [
        "# What each tool may do. effects: reads, writes, sends, spends, executes; [] is a calculation.",
        "# content: the arguments that may be made of outside text, since they choose nothing.",
        "[server]",
        f"name = {_quoted(server.name)}",
        where,
    ]
    if server.environment:
        lines.append(f"environment = {_quoted(list(server.environment))}")
    if server.headers:
        pairs = ", ".join(f"{_quoted(header)} = {_quoted(variable)}" for header, variable in server.headers.items())
        lines.append(f"headers = {{ {pairs} }}")
    for listed in listing:
        tool = tools.get(f"{server.name}__{listed.name}")
        if tool is not None:
            lines += [
                "",
                f"[server.tools.{_quoted(listed.name)}]",
                f"effects = {_quoted(_effects(tool))}",
                f"content = {_quoted(sorted(tool.capability.content))}",
            ]
    return "\n".join(lines) + "\n"


def _quoted(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)
