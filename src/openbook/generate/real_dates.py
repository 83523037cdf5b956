"""Formats ``date`` and ``date-time`` without the 29th of February of common years, which llguidance 1.9.1 lets through.

A pattern is set beside the format, and a text has to match both: leap years are those that 4 divides, but of the
centuries those that 400 divides (RFC 3339, appendix C).
"""

from collections.abc import Mapping
from typing import cast

_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
REAL_DATE = f"^(?:[0-9]{{4}}-(?:0[13-9]|1[0-2])|[0-9]{{4}}-02-(?:[01][0-9]|2[0-8])|{_LEAP}-02-29)"
"""What a date begins with; which days the other months have, the format itself knows."""

_VALUES = ("const", "enum", "default", "examples")
"""Keywords whose values are no schemas, whatever they look like."""


def with_real_dates(schema: object) -> object:
    """The schema, with the pattern wherever one of the two formats is asked for."""
    if isinstance(schema, list):
        return [with_real_dates(each) for each in cast("list[object]", schema)]
    if not isinstance(schema, Mapping):
        return schema
    found = {
        name: value if name in _VALUES else with_real_dates(value)
        for name, value in cast("Mapping[str, object]", schema).items()
    }
    if found.get("format") not in ("date", "date-time"):
        return found
    if "pattern" not in found:
        return {**found, "pattern": REAL_DATE}
    others = found.get("allOf")
    return {
        **found,
        "allOf": [*(cast("list[object]", others) if isinstance(others, list) else []), {"pattern": REAL_DATE}],
    }
