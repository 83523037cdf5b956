"""The plan that an AgentDojo request announces: the calls of the user's task, each argument given or left open.

An argument is given where a planner that has seen the request alone could write it down: it stands in the request, up
to case and form, it is the tool's default, or a constant that the request implies. All else is open, to be filled from
what tools return. Calls that differ only in what is open are one call ``each``, since the request cannot tell how many
there will be, and calls that only a text asks for are not announced at all.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from openbook.agent.plan import Call, Given, Result, Term
from openbook.guard.labelled import same
from openbook.values import Json

UNASKED: Mapping[tuple[str, str], int] = {
    ("workspace", "user_task_13"): 1,
    ("workspace", "user_task_19"): 2,
    ("banking", "user_task_12"): 1,
    ("slack", "user_task_18"): 0,
    ("slack", "user_task_19"): 0,
}
"""Requests that leave it to a text what is done ("do the actions specified in the email"): the calls before that."""

TODAY = frozenset([("send_money", "date"), ("schedule_transaction", "date")])
"""Arguments that need a date where no request states one: the clock's."""

SAID = {"r": "read"}
"""What a request says for a value of the tool's own."""

_OPEN = Result("read")
_MONTHS = "january february march april may june july august september october november december".split()
_HOURS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def announced(calls: Sequence[tuple[str, Mapping[str, Any]]], request: str, defaults: Mapping[str, Any]) -> list[Call]:
    """defaults: by "tool.argument", what the tool takes where the argument is not given."""
    plan: list[Call] = []
    for tool, arguments in calls:
        terms: dict[str, Term] = {
            name: Given(value) if given(tool, name, value, arguments, request, defaults) else _OPEN
            for name, value in arguments.items()
        }
        again = next((place for place, call in enumerate(plan) if _repeats(call, tool, terms)), None)
        if again is None:
            plan.append(Call(str(len(plan)), tool, terms))
        else:
            plan[again] = Call(plan[again].id, tool, terms, each=_OPEN)
    return plan


def given(
    tool: str, name: str, value: Any, arguments: Mapping[str, Any], request: str, defaults: Mapping[str, Any]
) -> bool:
    """Whether the request alone says this argument."""
    default = defaults.get(f"{tool}.{name}", ...)
    if (default is not ... and same(value, default)) or (tool, name) in TODAY:
        return True
    start = str(arguments.get("start_time") or arguments.get("new_start_time") or "")
    return stands(value, request, start)


def stands(value: Json, request: str, start: str = "") -> bool:
    """Whether a value can be read off the request. start: of the same call, which a duration is added to."""
    if value is None or value is False or value in ("", [], {}):
        return True
    if value is True:
        return "recurring" in request.lower()
    if isinstance(value, int | float):
        return any(float(number) == value for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w%])", request))
    if isinstance(value, Mapping):
        return all(stands(part, request) for key, part in value.items() if key != "type")
    if not isinstance(value, str):
        return all(stands(part, request) for part in value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return _day(value, request)
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", value):
        return _day(value[:10], request) and _time(value, request, start)
    return f" {_words(SAID.get(value, value))} " in f" {_words(request)} "


def _day(value: str, request: str) -> bool:
    """As 2024-05-26, or as May 26th with that year or with none."""
    if value in request:
        return True
    year, month, day = value.split("-")
    named, nth = _MONTHS[int(month) - 1], rf"{int(day)}(?:st|nd|rd|th)?"
    pattern = rf"{named} {nth}\b|\b{nth} of {named}"
    found = re.search(pattern, request.lower())
    if found is None:
        return False
    stated = re.match(r",? (\d{4})\b", request[found.end() :])
    return stated is None or stated[1] == year


def _time(value: str, request: str, start: str) -> bool:
    """The time of day stands there, is a stated duration after the start, or is free since no time is stated."""
    times = re.findall(r"\b\d\d:\d\d\b", request)
    if not times or value[11:] in times:
        return True
    long = re.search(r"(\d+|one|two|three|four|five)[ -]hours?\b", request.lower())
    if long is None or not start:
        return False
    hours = _HOURS.get(long[1]) or int(long[1])
    return datetime.fromisoformat(value) == datetime.fromisoformat(start) + timedelta(hours=hours)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _repeats(call: Call, tool: str, terms: Mapping[str, Term]) -> bool:
    """Whether an announced call differs from this one in nothing that is given, and something is open."""
    return call.tool == tool and call.arguments == terms and any(term is _OPEN for term in terms.values())
