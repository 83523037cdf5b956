"""What a judge has to fill in: a JSON schema for the engine, the same in words, and a strict reader of what comes back.

A reply is read whole or not at all. No number is picked out of prose: prose may quote the text under judgement.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from openbook.evaluate.judge.criterion import MOST_CHARACTERS, MOST_STEPS, Criterion
from openbook.values import Json

T = TypeVar("T")

_CHOICES = {"first": 1, "second": 2, "tie": 0}
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """read: the value of a reply that fills the form; None for any other. wanted: ends the sentence "Reply with …"."""

    schema: Mapping[str, Json]
    wanted: str
    read: Callable[[str], T | None]


def score_form(criterion: Criterion) -> Form[int]:
    scores = list(range(criterion.low, criterion.high + 1))
    wanted = f'{{"score": N}}, N being a whole number from {criterion.low} to {criterion.high}'

    def read(text: str) -> int | None:
        found = _only_field(text, "score")
        return found if type(found) is int and criterion.holds(found) else None

    return Form(_schema("score", {"type": "integer", "enum": scores}), wanted, read)


def choice_form() -> Form[int]:
    """1 for the text shown first, 2 for the second, 0 for a tie."""

    def read(text: str) -> int | None:
        found = _only_field(text, "better")
        return _CHOICES.get(found) if isinstance(found, str) else None

    wanted = '{"better": "first"}, {"better": "second"} or {"better": "tie"}'
    return Form(_schema("better", {"type": "string", "enum": list(_CHOICES)}), wanted, read)


def steps_form() -> Form[tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...] | None:
        found = _only_field(text, "steps")
        if not isinstance(found, list):
            return None
        steps = cast("list[Any]", found)
        if not all(isinstance(step, str) and step.strip() for step in steps):
            return None
        kept = tuple(" ".join(str(step).split()) for step in steps)
        return kept if 0 < len(kept) <= MOST_STEPS and sum(map(len, kept)) <= MOST_CHARACTERS else None

    items: Json = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8}
    return Form(_schema("steps", items), '{"steps": ["...", "..."]} with three to six short steps', read)


def place_of_score(text: str) -> int:
    """Where the number stands in a reply that ``score_form`` read."""
    return next(place for place in range(text.index(":"), len(text)) if text[place].isdigit())


def _schema(name: str, value: Json) -> Mapping[str, Json]:
    return {"type": "object", "properties": {name: value}, "required": [name], "additionalProperties": False}


def _only_field(text: str, name: str) -> Any:
    """The value of the one field of a JSON object that has no other; None for any other text."""
    if len(text) > _LONGEST:
        return None
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None
    return pairs[0][1] if isinstance(pairs, _Pairs) and [key for key, _ in pairs] == [name] else None


class _Pairs(list[tuple[str, Any]]):
    """An object's fields in order, so that one named twice is seen."""
