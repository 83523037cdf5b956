"""Dates that the calendar has: llguidance holds the form of one alone, and would write 29 February of any year."""

from collections.abc import Mapping
from typing import Any, cast

from openbook.values import Json

_FOURS = "(0[48]|[2468][048]|[13579][26])"
"""Two digits from 04 to 96 that four divides."""

_LEAP = f"([0-9]{{2}}{_FOURS}|{_FOURS}00)"
_YEAR = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
"""Not 0000, which calendars of most languages lack."""

_PATTERN = f"^({_YEAR}-(0[13-9]|1[0-2]|02-([01][0-9]|2[0-8]))|{_LEAP}-02-29)"
"""What is to hold beside the form, which knows how long the months are."""


def with_calendar(schema: Json) -> Json:
    """The schema with each ``format`` of a date held to days that there are. Values in const and enum stay."""
    if isinstance(schema, Mapping):
        fields = {
            name: value if name in ("const", "enum") else with_calendar(value)
            for name, value in cast("Mapping[str, Any]", schema).items()
        }
        if fields.get("format") not in ("date", "date-time"):
            return fields
        if "pattern" not in fields:
            return {**fields, "pattern": _PATTERN}
        joined = fields.get("allOf")
        parts: list[Json] = list(cast("list[Json]", joined)) if isinstance(joined, list) else []
        return {**fields, "allOf": [*parts, {"pattern": _PATTERN}]}
    if isinstance(schema, list | tuple):
        return [with_calendar(each) for each in cast("list[Json]", schema)]
    return schema
