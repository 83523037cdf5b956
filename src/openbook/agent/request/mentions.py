"""What a text mentions: quoted texts, addresses, files, dates, spans of time, quantities, units, numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openbook.agent.tools.days import DATE, DURATION
from openbook.agent.tools.quantities import NUMBER, QUANTITY, UNIT, unit_named
from openbook.values import Span

_QUOTED = re.compile(
    r'"([^"]{1,10000})"|“([^”]{1,10000})”|«([^»]{1,10000})»|(?<!\w)\'([^\']{1,10000})\'(?!\w)|`([^`]{1,10000})`'
)
_URI = re.compile(r"\bhttps?://[^\s<>\"']+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_PATH = re.compile(
    r"(?<![\w/.~-])(?:~?/|(?:\.{1,2}/)+)?(?:[\w-][\w.-]*/)*[\w-][\w.-]*\.[A-Za-z][A-Za-z0-9]{1,5}(?![\w/])|(?<!\S)~?/[\w./-]+"
)
_NUMBER = re.compile(rf"(?<![\w.,/-]){NUMBER}(?![\w]|\.\d)")
_AGO = re.compile(r"\s*(?:ago\b|before\b|earlier\b|prior\b|back\b)", re.IGNORECASE)
_LESS = re.compile(r"\b(?:subtract|minus|deduct|take(?: away)?)\s*$", re.IGNORECASE)

STAND_INS = {
    "text": '"hello"',
    "uri": "https://example.com",
    "path": "plan.txt",
    "mail": "ann@example.com",
    "date": "2024-05-01",
}
"""How a mention is written in the tools' examples, so that what it says does not count when texts are compared."""


@dataclass(frozen=True, slots=True)
class Mention:
    """kind: as in ``agent.slots``, or ``number``. value: what an argument is given. span: in the text."""

    kind: str
    value: str
    span: Span


def mentions(text: str) -> list[Mention]:
    """In the order of the text; of two in the same place the one that says more. ``3 weeks`` is a duration and a
    quantity, since either may be wanted."""
    found: list[Mention] = []
    taken = _marks(text, found, "text", _QUOTED)
    taken = _marks(taken, found, "uri", _URI)
    taken = _marks(taken, found, "mail", _MAIL)
    taken = _marks(taken, found, "path", _PATH)
    taken = _marks(taken, found, "date", DATE)
    for match in DURATION.finditer(taken):
        back = _AGO.match(taken, match.end()) or _LESS.search(taken, 0, match.start())
        found.append(Mention("duration", f"{'-' if back else ''}{match[0]}", Span(*match.span())))
    found += [
        Mention("quantity", match[0], Span(*match.span()))
        for match in QUANTITY.finditer(taken)
        if unit_named(match["unit"])
    ]
    within = [each.span for each in found if each.kind in ("quantity", "duration")]
    for match in UNIT.finditer(taken):
        span = Span(*match.span())
        if _is_unit(match["unit"]) and not any(outer.holds(span) for outer in within):
            found.append(Mention("unit", match["unit"], span))
    for match in _NUMBER.finditer(taken):
        span = Span(*match.span())
        if not any(outer.holds(span) for outer in within):
            found.append(Mention("number", match[0], span))
    return sorted(found, key=lambda each: each.span)


def told_alike(text: str, found: Sequence[Mention]) -> str:
    """The text with a stand-in for each thing that is mentioned by name."""
    for each in sorted(found, key=lambda each: -each.span.start):
        if each.kind in STAND_INS:
            text = text[: each.span.start] + STAND_INS[each.kind] + text[each.span.end :]
    return text


def _marks(text: str, found: list[Mention], kind: str, pattern: re.Pattern[str]) -> str:
    """The text with blanks where the pattern was found."""
    for match in pattern.finditer(text):
        value = next((group for group in match.groups() if group is not None), match[0]) if kind == "text" else match[0]
        end = match.end()
        if kind in ("uri", "path"):
            value = value.rstrip(".,;:!?)")
            end = match.start() + len(value)
        found.append(Mention(kind, value, Span(match.start(), end)))
        text = text[: match.start()] + "\x00" * (end - match.start()) + text[end:]
    return text


def _is_unit(name: str) -> bool:
    """A symbol of one or two letters is a word far more often (in, a, m, s): only what cannot be one counts."""
    return unit_named(name) is not None and (
        len(name) > 2 or not name.islower() or name in ("km", "kg", "cm", "mm", "lb", "oz", "ft", "°c")
    )
