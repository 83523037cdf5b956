"""Words that stand for what an earlier part of the request gave: "that", "the result", "both", "the second number"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_THINGS = r"(?:results?|answers?|numbers?|figures?|values?|amounts?|ones?|outcomes?|outputs?|contents?|dates?|texts?)"
_PLACES = {"first": 0, "former": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1, "latter": -1}
_AFTER = r"(?:by|and|to|from|than|with|is|was|as|times|plus|minus|divided|multiplied|in|into)\b"

REFERENCE = re.compile(
    rf"""\b(?:
    (?P<place>the\ (?:{"|".join(_PLACES)})(?:\ {_THINGS})?(?=\s*(?:$|[.,;?!)]|{_AFTER})))
    | (?P<many>them(?:\ (?:both|all))?|all\ of\ (?:them|these|those)
        |both(?:\ (?:of\ them|of\ these|(?:the\ )?{_THINGS}))?
        |(?:the|these|those)\ (?:two|three|four)(?:\ {_THINGS})?|(?:these|those)(?:\ {_THINGS})?
        |the\ (?:results|answers|numbers|figures|values|amounts))
    | (?P<one>(?:that|this)(?:\ {_THINGS})?|it
        |the\ (?:result|answer|outcome|output|sum|total|product|difference|value|content|contents))
    )\b(?!\ (?:of|between)\b)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """place: which of the earlier results, from 0; -1 the last. many: all of them, with ``joined`` between two."""

    place: int = -1
    many: bool = False
    joined: str = ", "


def reference_of(match: re.Match[str]) -> Reference:
    if match["many"]:
        return Reference(many=True)
    if match["place"]:
        return Reference(_PLACES[match["place"].split()[1].lower()])
    return Reference()


def referred(reference: Reference, earlier: Sequence[str]) -> tuple[str, ...]:
    """The steps that are meant, of those that gave something, in their order; none where there are too few."""
    if reference.many:
        return tuple(earlier) if len(earlier) > 1 else ()
    if not earlier or reference.place >= len(earlier):
        return ()
    return (earlier[reference.place],)
