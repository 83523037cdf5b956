"""What llguidance says it can hold and does not, found by judging what it wrote: refused before a token is written.

A number's range that holds no whole number, with a whole bound that is itself left out, as -7.5 <= x < -7: it lets the
bound through as ``-7`` (seen in llguidance 1.9.1).
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, cast


def unheld_in(schema: object) -> str:
    """Why a schema would not be held, empty where nothing is known against it."""
    objects = list(_objects(schema))
    groups = [[each] for each in objects]
    if any("allOf" in each for each in objects):  # whose bounds are joined
        groups.append(objects)
    for group in groups:
        lows = [bound for each in group for bound in _bounds(each, "minimum", "exclusiveMinimum")]
        highs = [bound for each in group for bound in _bounds(each, "maximum", "exclusiveMaximum")]
        for (low, above), (high, below) in product(lows, highs):
            if 0 < high - low < 1 and ((above and low.is_integer()) or (below and high.is_integer())):
                return f"numbers between {low:g} and {high:g} with a whole bound left out: leave out a little more"
    return ""


def _bounds(schema: Mapping[str, Any], inclusive: str, exclusive: str) -> Iterator[tuple[float, bool]]:
    if schema.get("type") != "integer":
        for name in (inclusive, exclusive):
            value: object = schema.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield float(value), name == exclusive


def _objects(schema: object) -> Iterator[Mapping[str, Any]]:
    pending = [schema]
    while pending:
        found = pending.pop()
        if isinstance(found, Mapping):
            each = cast("Mapping[str, Any]", found)
            yield each
            pending += each.values()
        elif isinstance(found, list | tuple):
            pending += cast("list[object]", found)
