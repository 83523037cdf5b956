"""Whatever a tool gave, as plain JSON of bounded size: copied, cut and cleaned, with a notice of what was done to it.

A tool may return 50 MB, ten thousand lists within each other, an object of its own, or text that drives a terminal.
What is kept shares nothing with what the tool holds, so that a tool that was given up cannot change it later.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, cast

from openbook.values import Json

MOST_BITS = 1_024
"""Of a whole number: far more than any amount, and few enough to be printed."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters that are not white space, and halves of characters, which no file or database takes."""

_TURN = re.compile(
    r"<\|\s*(?:im_start|im_end|start_header_id|system|user|assistant|eot_id|endoftext)[^|<>]{0,40}\|>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS)\]|<</?SYS>>|</?(?:system|start_of_turn|end_of_turn)>"
    r"|^[#*\s]{0,8}(?:system|developer)(?:[ ](?:message|prompt|note|instruction)s?)?[*\s]{0,4}:",
    re.IGNORECASE | re.MULTILINE,
)
"""How common models mark a turn, and how people who imitate one write it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one call: seconds that a tool may take, and a parser, which may be a language model; tries of what has no
    effects; characters, values and depth of what is given."""

    seconds: float = 30.0
    parsing: float = 300.0
    tries: int = 3
    characters: int = 200_000
    values: int = 50_000
    depth: int = 32


@dataclass(frozen=True, slots=True)
class Bounded:
    """notices: what was done to the value, our own words. whole: nothing is missing; it may have been cleaned."""

    value: Json
    notices: tuple[str, ...]
    whole: bool


class NotJson(Exception):
    """A value that is no JSON at all. The message names its type."""


def bounded(value: object, bounds: Bounds) -> Bounded:
    """Raises NotJson where the value itself is none; what is none within it becomes null, with a notice."""
    copy = _Copy(bounds)
    made = copy.of(value, 0, outermost=True)
    return Bounded(made, tuple(copy.notices), copy.whole)


class _Copy:
    def __init__(self, bounds: Bounds) -> None:
        self.notices: dict[str, None] = {}
        self.whole = True
        self._bounds = bounds
        self._characters = bounds.characters
        self._values = bounds.values

    def of(self, value: Any, depth: int, *, outermost: bool = False) -> Json:
        self._values -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(str.__str__(value))
        if isinstance(value, int | float):
            return self._number(value)
        if not isinstance(value, list | tuple | Mapping):
            if outermost:
                raise NotJson(_type_of(value))
            return self._lost(f"it held a {_type_of(value)}, which is no JSON: null stands for it")
        if depth >= self._bounds.depth:
            return self._lost(f"it was nested deeper than {self._bounds.depth} levels: null stands for what lay deeper")
        if isinstance(value, Mapping):
            return self._object(cast("Mapping[Any, Any]", value), depth)
        made: list[Json] = []
        for each in cast("Sequence[Any]", value):
            if self._full():
                break
            made.append(self.of(each, depth + 1))
        return made

    def _object(self, value: Mapping[Any, Any], depth: int) -> Json:
        made: dict[str, Json] = {}
        for key in value:
            if self._full():
                break
            if not isinstance(key, str):
                self._lost(f"a key of it was a {_type_of(key)} and no text: its entry is left out")
                continue
            made[self._text(str.__str__(key))] = self.of(value[key], depth + 1)
        return made

    def _text(self, text: str) -> str:
        if len(text) > self._characters:
            self._lost(f"it was longer than {self._bounds.characters:,} characters: cut")
            text = text[: self._characters]
        self._characters -= len(text)
        clean = _CONTROL.sub("\ufffd", text)
        if clean != text:
            self._note("it held control characters: \ufffd stands for each")
        if _TURN.search(clean):
            self._note("it holds what imitates a system message or a turn: it is kept as data")
        return clean

    def _number(self, value: float) -> Json:
        if isinstance(value, int):
            number = int.__int__(value)
            return number if number.bit_length() <= MOST_BITS else self._lost("it held a number too long: now null")
        return float.__float__(value) if isfinite(value) else self._lost("it held a number that is none: now null")

    def _full(self) -> bool:
        if self._values > 0:
            return False
        self._lost(f"it held more than {self._bounds.values:,} values: cut")
        return True

    def _lost(self, notice: str) -> None:
        self.whole = False
        self._note(notice)

    def _note(self, notice: str) -> None:
        self.notices[notice] = None


def _type_of(value: object) -> str:
    return type(value).__name__[:40]
