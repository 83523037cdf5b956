"""Random JSON schemas, what a model writes when it is held to each, and jsonschema as the judge of that."""

import json
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address
from typing import Any

import jsonschema

from openbook.errors import OpenbookError
from openbook.generate.local import LocalModel
from openbook.values import TRUSTED, Decoding, Part

Schema = dict[str, Any]
DEEPEST = 3
PATTERNS = ("^[a-c]{1,4}$", "[0-9]{2}", "^(yes|no)$", "^x?[A-F]+$", "a.c")
FORMAT_CHECKER = jsonschema.FormatChecker(())
"""RFC 3339, and the addresses: what jsonschema checks of formats depends on what else is installed."""

_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([zZ]|[+-]([01]\d|2[0-3]):[0-5]\d)"
AGAINST = (
    {"uniqueItems": True}, {"not": {"type": "null"}}, {"minProperties": 1}, {"multipleOf": 3}, {"contains": {}},
    {"if": {"type": "null"}}, {"dependentRequired": {"a": ["b"]}}, {"propertyNames": {"maxLength": 1}},
)  # fmt: skip
"""What a library may not know: it must then be refused, not left out."""


def _is_date(text: str) -> bool:
    return len(text) == 10 and bool(date.fromisoformat(text))


def _is_time(text: str) -> bool:
    return re.fullmatch(_TIME, text, re.ASCII) is not None


JUDGES: dict[str, Callable[[str], bool]] = {
    "date": _is_date,
    "time": _is_time,
    "date-time": lambda text: text[10:11] in {"T", "t"} and _is_date(text[:10]) and _is_time(text[11:]),
    "uuid": lambda text: re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is not None,
    "ipv4": lambda text: bool(IPv4Address(text)),
    "email": lambda text: re.fullmatch(r"[^@]+@[^@]+", text) is not None,
}


def _register(name: str, judge: Callable[[str], bool]) -> None:
    FORMAT_CHECKER.checks(name, ValueError)(lambda value: not isinstance(value, str) or judge(value))


for _name, _judge in JUDGES.items():
    _register(_name, _judge)


def drawn(rng: random.Random, depth: int = 0) -> Schema:
    """A schema that some value satisfies, but for a few that nothing does."""
    leaves: list[Callable[[random.Random], Schema]] = [_text, _whole, _number, _choice, _constant, _plain]
    if depth < DEEPEST:
        inner: list[Callable[[random.Random, int], Schema]] = [_object, _array, _any_of, _reference]
        if depth == 0 or rng.random() < 0.5:
            found = rng.choice(inner)(rng, depth + 1)
            return found | rng.choice(AGAINST) if rng.random() < 0.05 else found
    return rng.choice(leaves)(rng)


def _text(rng: random.Random) -> Schema:
    kind = rng.randrange(4)
    if kind == 0:
        return {"type": "string", "pattern": rng.choice(PATTERNS), "maxLength": 12}
    if kind == 1:
        return {"type": "string", "format": rng.choice(tuple(JUDGES))}
    least = rng.randrange(4)
    return {"type": "string", "minLength": least, "maxLength": least + rng.randrange(5)}


def _whole(rng: random.Random) -> Schema:
    low = rng.randint(-1000, 1000)
    bounds = {rng.choice(("minimum", "exclusiveMinimum")): low, "maximum": low + rng.randint(1, 500)}
    return {"type": "integer", **bounds, **({"multipleOf": rng.choice((2, 5))} if rng.random() < 0.1 else {})}


def _number(rng: random.Random) -> Schema:
    low = round(rng.uniform(-50, 50), rng.randrange(3))
    return {
        "type": "number",
        "minimum": low,
        rng.choice(("maximum", "exclusiveMaximum")): low + rng.choice((0.5, 3, 40)),
    }


def _choice(rng: random.Random) -> Schema:
    return {
        "enum": rng.sample(["a", "b c", 'q"', "\\\\", "ü", "", 3, -1.5, True, None, [1], {"k": 1}], rng.randint(1, 4))
    }


def _constant(rng: random.Random) -> Schema:
    return {"const": rng.choice(["yes", 7, None, False, {"a": [1, "x"]}])}


def _plain(rng: random.Random) -> Schema:
    return {"type": rng.choice(["boolean", "null", ["boolean", "null"]])}


def _object(rng: random.Random, depth: int) -> Schema:
    names = rng.sample(["a", "b c", "ü", "name", "x-y", '"q'], rng.randint(0, 4))
    properties = {name: drawn(rng, depth) for name in names}
    required = rng.sample(names, rng.randint(0, len(names)))
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _array(rng: random.Random, depth: int) -> Schema:
    if rng.random() < 0.3:
        parts = [drawn(rng, depth) for _ in range(rng.randint(1, 3))]
        return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(parts)}
    least = rng.randrange(3)
    return {"type": "array", "items": drawn(rng, depth), "minItems": least, "maxItems": least + rng.randrange(3)}


def _any_of(rng: random.Random, depth: int) -> Schema:
    kind = "oneOf" if rng.random() < 0.1 else "anyOf"
    return {kind: [drawn(rng, depth) for _ in range(rng.randint(1, 3))]}


def _reference(rng: random.Random, depth: int) -> Schema:
    made = {"type": "array", "items": {"$ref": "#/$defs/it"}, "minItems": 1, "maxItems": 2}
    return {**made, "$defs": {"it": drawn(rng, DEEPEST)}} if depth == 1 else drawn(rng, DEEPEST)


@dataclass(frozen=True, slots=True)
class Held:
    """valid: outputs that the judge took. refused: schemas that were, before a token was written. cut: outputs that the
    most tokens ended. wrong: number, schema and output of what came to its end and is not valid.
    """

    valid: int
    refused: int
    cut: int
    wrong: tuple[tuple[int, Schema, str], ...]


def held(model: LocalModel, numbers: Iterable[int]) -> Held:
    """One schema and one sampled output for each number."""
    valid = refused = cut = 0
    wrong: list[tuple[int, Schema, str]] = []
    for number in numbers:
        rng = random.Random(number)
        schema = drawn(rng)
        decoding = Decoding(400, rng.choice((1.0, 1.5)), seed=number, schema=schema)
        try:
            writing = model.stream((Part("The pear tree", TRUSTED, "user"),), decoding)
            tokens = [next(writing)]
        except OpenbookError as error:
            if "cannot be held to this schema" not in str(error):
                raise
            refused += 1
            continue
        tokens += writing
        text = "".join(token.text for token in tokens)
        if tokens[-1].finish != "end":
            cut += 1
        elif _judged(schema, text):
            valid += 1
        else:
            wrong.append((number, schema, text))
    return Held(valid, refused, cut, tuple(wrong))


def _judged(schema: Schema, text: str) -> bool:
    try:
        jsonschema.Draft202012Validator(schema, format_checker=FORMAT_CHECKER).validate(json.loads(text))
    except (ValueError, jsonschema.ValidationError):
        return False
    return True
