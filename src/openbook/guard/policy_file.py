"""A policy from a TOML file that a person wrote: whatever is not understood is refused, never passed over.

tainted = "refuse"                      # what happens where outside text would choose: "refuse" or "ask"

[effects]                               # reads, writes, sends, spends, executes: "allow", "ask" or "refuse"
sends = "refuse"

[tools.write_file]
action = "allow"                        # in place of what its effects would say

[tools.write_file.arguments.path]
one_of = ["notes/today.md"]             # the only values it may have, whoever chose one

[tools.mail__send.arguments.body]       # a tool of the MCP server mail
content = false                         # the request alone may choose it; true: it may be made of anything

One file may serve several runs: a rule for a tool that this run does not have is kept where nothing else can be meant.
"""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, cast

from openbook.errors import OpenbookError
from openbook.guard.capability import EFFECTS, Effect
from openbook.guard.policy import DEFAULT_EFFECTS, STRICTNESS, Action, ArgumentRule, Policy, ToolRule
from openbook.json_lines import shortened
from openbook.toml_file import toml_table
from openbook.values import Json

LARGEST = 100_000
"""Bytes of a policy file."""

Tools = Mapping[str, Collection[str]]
"""The names of the arguments of each tool there is."""


NEAR_SERVER, NEAR_TOOL = 0.6, 0.8
"""Likeness (``difflib``) of two names at which one may be the other, misspelt."""


def read_policy(path: Path, tools: Tools | None = None, elsewhere: Collection[str] = ()) -> Policy:
    """What the file does not say stays as it is by default. tools: those there are, where they are known. elsewhere:
    tools that there are in other runs.

    Raises OpenbookError in one line for a file that cannot be read, a key, tool or argument that there is not, and a
    value of another kind, each with the nearest right word. A rule for a tool that is not in ``tools`` is read where it
    is one of ``elsewhere``, or of an MCP server with a name unlike all that are open: a rule that was misspelt would
    else leave unrestricted what it is to restrict.
    """
    given = toml_table(path, "policy file", LARGEST)
    _known(given, ("effects", "tainted", "tools"), f"{path}:", "a key")
    effects: dict[Effect, Action] = {**DEFAULT_EFFECTS}
    for name, action in _table(given, "effects", f"{path}: effects").items():
        effects[_one_of(name, EFFECTS, f"{path}: effects:", "an effect")] = _action(action, f"{path}: effects.{name}")
    tainted = given.get("tainted", "refuse")
    rules: dict[str, ToolRule] = {}
    for name, rule in _table(given, "tools", f"{path}: tools").items():
        if tools is not None and name not in tools and name not in elsewhere and not _of_another_server(name, tools):
            _one_of(name, (*tools, *elsewhere), f"{path}: tools:", "a tool that there is")
        rules[name] = _rule(rule, f"{path}: tools.{shortened(name)}", None if tools is None else tools.get(name))
    return Policy(effects, _one_of(tainted, ("refuse", "ask"), f"{path}: tainted:", "what can be done"), rules)


def _of_another_server(name: str, tools: Tools) -> bool:
    """Whether it can only be meant for an MCP server, ``SERVER__TOOL``, that is not open."""
    server, _, tool = name.partition("__")
    if not server or not tool:
        return False
    servers = {each.partition("__")[0] for each in tools if "__" in each}
    others = [each for each in tools if "__" not in each]
    misspelt = get_close_matches(server, servers, 1, NEAR_SERVER) or get_close_matches(name, others, 1, NEAR_TOOL)
    return server not in servers and not misspelt


def _rule(given: Any, place: str, arguments: Collection[str] | None) -> ToolRule:
    table = _as_table(given, place)
    _known(table, ("action", "arguments"), f"{place}:", "a key")
    action = None if "action" not in table else _action(table["action"], f"{place}.action")
    found: dict[str, ArgumentRule] = {}
    for name, rule in _table(table, "arguments", f"{place}.arguments").items():
        if arguments is not None:
            _one_of(name, tuple(arguments), f"{place}.arguments:", "an argument of this tool")
        found[name] = _argument(rule, f"{place}.arguments.{shortened(name)}")
    return ToolRule(action, found)


def _argument(given: Any, place: str) -> ArgumentRule:
    table = _as_table(given, place)
    _known(table, ("one_of", "content"), f"{place}:", "a key")
    content = table.get("content")
    if content is not None and not isinstance(content, bool):
        raise OpenbookError(f"{place}.content is {_kind(content)}: write true or false")
    if "one_of" not in table:
        return ArgumentRule(None, content)
    values = table["one_of"]
    if not isinstance(values, list):
        raise OpenbookError(f"{place}.one_of is {_kind(values)}: write a list of values in brackets")
    return ArgumentRule(tuple(_value(each, f"{place}.one_of") for each in cast("list[Any]", values)), content)


def _value(given: Any, place: str) -> Json:
    """As arguments have it, which are JSON: dates and infinite numbers are none."""
    if isinstance(given, str | bool | int) or (isinstance(given, float) and isfinite(given)):
        return given
    if isinstance(given, list):
        return [_value(each, place) for each in cast("list[Any]", given)]
    if isinstance(given, dict):
        return {key: _value(each, place) for key, each in cast("dict[str, Any]", given).items()}
    raise OpenbookError(f"{place} holds {_kind(given)}, which no argument can be: write it as text in quotes")


def _action(given: Any, place: str) -> Action:
    return _one_of(given, STRICTNESS, f"{place}:", "what can be done")


def _known(table: Mapping[str, Any], keys: Sequence[str], place: str, what: str) -> None:
    for key in table:
        _one_of(key, keys, place, what)


def _one_of(given: Any, words: Sequence[Any], place: str, what: str) -> Any:
    """The word itself. Raises OpenbookError with the nearest right one."""
    if isinstance(given, str) and given in words:
        return given
    if not isinstance(given, str):
        raise OpenbookError(
            f'{place} {_kind(given)} is not {what}: write "{words[0]}" or one of {", ".join(words[1:])}'
        )
    near = get_close_matches(given[:100].lower(), words, 1, 0.5)
    instead = f"did you mean {near[0]}?" if near else f"write {', '.join(words[:12]) or 'none: there are none'}"
    raise OpenbookError(f"{place} {shortened(given)!r} is not {what}: {instead}")


def _table(table: Mapping[str, Any], key: str, place: str) -> dict[str, Any]:
    return _as_table(table.get(key, {}), place)


def _as_table(given: Any, place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise OpenbookError(f"{place} is {_kind(given)}: write a table of keys and values")
    return cast("dict[str, Any]", given)


def _kind(given: Any) -> str:
    names: dict[type[object], str] = {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a table",
    }
    return names.get(cast("type[object]", type(given)), "a date or time")
