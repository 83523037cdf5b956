"""The deterministic reader of parse steps: a number, a date, a sum of money, an address, a choice, read from a text.

It has no tools, runs nothing and follows nothing that the text says; it finds the first thing of the wanted type, or of
several the one beside a word of the question.
"""

import re
from collections.abc import Mapping, Sequence

from openbook.agent.tool import BadArguments, ToolFailed
from openbook.agent.tools.days import DATE, day_of
from openbook.agent.tools.quantities import NUMBER, QUANTITY, unit_named
from openbook.guard.labelled import Labelled
from openbook.json_lines import shortened
from openbook.values import Json

MOST_CHARACTERS = 20_000
"""Of a text that are read."""

_SPOKEN = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12}
_SCALES = {"hundred": 10**2, "thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "billion": 10**9, "b": 10**9}
_FOUND = re.compile(
    rf"(?<![\w.])(?P<digits>{NUMBER})(?P<scale> ?(?:thousand|million|billion)\b|[KMB](?![\w]))?(?![\d])"
    rf"|\b(?P<word>{'|'.join(_SPOKEN)})\b(?:[ -](?P<times>hundred|thousand|million|billion)\b)?",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_URI = re.compile(r"\bhttps?://[^\s<>\"']+")
_ADDRESS = re.compile(
    r"\]\(<?[^\s()]*(?:\([^\s()]*\)[^\s()]*)*>?|^ {0,3}\[[^\]\n]{1,200}\]:[ ]*\S+"
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"']+|\b(?:mailto|tel):[^\s<>\"')]+|\bwww\.[^\s<>\"']+"
    rf"|{_MAIL.pattern}|\b(?:[a-z0-9-]{{1,63}}\.){{1,8}}[a-z]{{2,20}}/[^\s<>\"')]*",
    re.IGNORECASE | re.MULTILINE,
)
"""The target of a link, an address, an e-mail: nothing within it is a number, a date or an amount."""
_COUNTED = re.compile(r"\bhow many (\w+)", re.IGNORECASE)


def read_typed(text: Labelled[str], question: str, schema: Mapping[str, Json]) -> Json:
    """``agent.world.Parser``. Raises ToolFailed where the text holds nothing of the type."""
    body = text.value[:MOST_CHARACTERS]
    prose = _ADDRESS.sub(" ", body)
    options = schema.get("enum")
    if isinstance(options, Sequence) and not isinstance(options, str):
        return _chosen(body, options)
    match schema.get("type"), schema.get("format"):
        case "integer", _:
            number = _number(prose, question)
            if number != int(number):
                raise ToolFailed(f"the text says {number}, which is no whole number")
            return int(number)
        case "number", _:
            return _number(prose, question)
        case "boolean", _:
            return _chosen(body, ["yes", "no"]) == "yes"
        case "string", "date":
            return _date(prose)
        case "string", "quantity":
            return _quantity(prose)
        case "string", "email":
            return _first(_MAIL, body, "e-mail address")
        case "string", "uri":
            return _first(_URI, body, "address").rstrip(".,;:!?)")
        case "string", None:
            return body.strip()
        case kind, form:
            raise ToolFailed(f"without a language model no {form or kind} is read from a text: name one with --model")


def _number(text: str, question: str) -> float:
    """Of several the first before the thing that is counted ("how many cars": "36 cars"), else the first."""
    found = list(_FOUND.finditer(text))
    if not found:
        raise ToolFailed(f"there is no number in {shortened(text)!r}")
    counted = _COUNTED.search(question)
    thing = None if counted is None else _stem(counted[1].lower())
    for match in found:
        after = text[match.end() : match.end() + 60].lower().partition("\n")[0]
        if thing in {_stem(word) for word in re.findall(r"\w+", after)[:2]}:
            return _value(match)
    return _value(found[0])


def _value(match: re.Match[str]) -> float:
    if match["word"]:
        return _SPOKEN[match["word"].lower()] * _SCALES.get((match["times"] or "").lower(), 1)
    digits = match["digits"].replace(",", "").replace("−", "-")
    scale = _SCALES.get((match["scale"] or "").strip().lower(), 1)
    number = float(digits) * scale
    exact = int(digits) * scale if "." not in digits else None
    return exact if exact is not None else int(number) if number.is_integer() and scale > 1 else number


def _date(text: str) -> str:
    for match in DATE.finditer(text):
        if match["near"] is None:  # a text's "today" is the day it was written
            try:
                return day_of(match).isoformat()
            except BadArguments:
                continue
    raise ToolFailed(f"there is no date in {shortened(text)!r}")


def _quantity(text: str) -> str:
    for match in QUANTITY.finditer(text):
        if unit_named(match["unit"]):
            return match[0]
    spoken = re.compile(rf"\b({'|'.join(_SPOKEN)})[ -]([a-z]+)\b", re.IGNORECASE)
    for match in spoken.finditer(text):
        if unit_named(match[2]):
            return f"{_SPOKEN[match[1].lower()]} {match[2]}"
    raise ToolFailed(f"there is no quantity with a unit in {shortened(text)!r}")


def _chosen(text: str, options: Sequence[Json]) -> Json:
    """The option that the text names first, as a whole word."""
    places = [
        (match.start(), option)
        for option in options
        if (match := re.search(rf"(?<!\w){re.escape(str(option))}(?!\w)", text, re.IGNORECASE))
    ]
    if not places:
        raise ToolFailed(f"the text names none of {', '.join(str(option) for option in options)[:200]}")
    return min(places, key=lambda pair: pair[0])[1]


def _first(pattern: re.Pattern[str], text: str, what: str) -> str:
    match = pattern.search(text)
    if match is None:
        raise ToolFailed(f"there is no {what} in {shortened(text)!r}")
    return match[0]


def _stem(word: str) -> str:
    return word[:5] if len(word) > 5 else word.rstrip("s")
