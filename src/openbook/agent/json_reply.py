"""The one JSON object of a model's reply, whatever stands around it, held to bounds; or why there is none.

Models put JSON into a fence, say something first, or think aloud. One object is taken out of that; of two, none is,
since nobody but the model knows which it meant.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.values import Json

LONGEST, DEEPEST = 60_000, 24
"""Characters of a reply, and objects and lists within each other."""

_FENCED = re.compile(r"```[\w-]*[ \t]*\n(.*?)```", re.DOTALL)
_BEGINS = re.compile(r'\{(?=\s*["}])')
_AROUND = 20


class BadJson(OpenbookError):
    """A reply without one JSON object that can be used; the message is one line and says what to write."""


def object_in(text: str) -> dict[str, Json]:
    """Raises BadJson."""
    if len(text) > LONGEST:
        raise BadJson(f"the reply has {len(text):,} characters, at most {LONGEST:,} are read: write less")
    text = text.rpartition("</think>")[2].strip() if text.lstrip().startswith("<think>") else text.strip()
    fenced = _FENCED.findall(text)
    if not text.startswith("{") and len(fenced) == 1:
        text = str(fenced[0]).strip()
    begin = _BEGINS.search(text)
    if begin is None:
        raise BadJson("the reply holds no JSON object: write one, and nothing else")
    found, end = _object_at(text, begin.start())
    if _BEGINS.search(text, end):
        raise BadJson("the reply holds more than one JSON object: write one, and nothing else")
    if depth(found) > DEEPEST:
        raise BadJson(f"the JSON is nested deeper than {DEEPEST}: write a flatter one")
    return found


def depth(value: Json) -> int:
    """1 for a number or a text, and one more for each object or list around it; no further than just over DEEPEST."""
    level, deep = [value], 0
    while level and deep <= DEEPEST:
        deep += 1
        level = [inner for each in level for inner in _inner(each)]
    return deep


def _inner(value: Json) -> Sequence[Json]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _object_at(text: str, start: int) -> tuple[dict[str, Json], int]:
    decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refused, parse_float=_finite)
    try:
        found, end = decoder.raw_decode(text, start)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except json.JSONDecodeError as error:
        near = shortened(text[max(0, error.pos - _AROUND) : error.pos + _AROUND])
        raise BadJson(f"the JSON is broken near {near!r} ({error.msg}): write it again, whole") from None
    except RecursionError:
        raise BadJson(f"the JSON is nested deeper than {DEEPEST}: write a flatter one") from None
    except UnicodeEncodeError:
        raise BadJson("the JSON holds half a character: write the character itself") from None
    except ValueError as error:
        raise BadJson(f"the JSON cannot be used ({shortened(str(error))}): write it again") from None
    return cast("dict[str, Json]", found), end


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = next(name for name in fields if sum(name == each for each, _ in pairs) > 1)
        raise ValueError(f"an object names {shortened(twice, 40)!r} twice")
    return fields


def _refused(constant: str) -> None:
    raise ValueError(f"JSON has no {constant}")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
