"""Whole numbers, + - * / and brackets, read by recursive descent: the exact value, and the numbers used.

sum = product (("+" | "-") product)*, product = atom (("*" | "/") atom)*, atom = number | "(" sum ")"
"""

import re
from dataclasses import dataclass
from fractions import Fraction

MOST_CHARACTERS, MOST_DEPTH, MOST_DIGITS = 400, 40, 9
"""Of an expression; of brackets in one another; of one number."""

_PIECE = re.compile(r"[0-9]+|[-+*/()]")


@dataclass(frozen=True, slots=True)
class Value:
    """used: every number written, in order."""

    number: Fraction
    used: tuple[int, ...]


def value_of(text: str) -> Value | None:
    """None for what is no such expression, divides by zero, or goes over a bound."""
    pieces = _PIECE.findall(text) if len(text) <= MOST_CHARACTERS else []
    if "".join(pieces) != "".join(text.split()) or any(len(piece) > MOST_DIGITS for piece in pieces):
        return None
    reading = _Reading([*pieces, ""])
    try:
        number = reading.sum(0)
    except (_NoExpression, ZeroDivisionError):
        return None
    return Value(number, tuple(reading.used)) if reading.next == "" else None


class _NoExpression(Exception):
    """Something else stands where a number is expected, or the brackets are not closed, or too deep."""


class _Reading:
    """Where the descent is. The last piece is empty."""

    def __init__(self, pieces: list[str]) -> None:
        self._pieces, self._at = pieces, 0
        self.used: list[int] = []

    @property
    def next(self) -> str:
        return self._pieces[self._at]

    def sum(self, depth: int) -> Fraction:
        value = self._product(depth)
        while self.next in ("+", "-"):
            value += self._product(depth) if self._taken() == "+" else -self._product(depth)
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._atom(depth)
        while self.next in ("*", "/"):
            value = value * self._atom(depth) if self._taken() == "*" else value / self._atom(depth)
        return value

    def _atom(self, depth: int) -> Fraction:
        piece = self._taken()
        if piece.isdigit():
            self.used.append(int(piece))
            return Fraction(int(piece))
        if piece != "(" or depth == MOST_DEPTH:
            raise _NoExpression
        value = self.sum(depth + 1)
        if self._taken() != ")":
            raise _NoExpression
        return value

    def _taken(self) -> str:
        piece = self.next
        self._at += piece != ""
        return piece
