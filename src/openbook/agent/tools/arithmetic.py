"""Arithmetic by recursive descent: exact fractions, bounded, and nothing is ever evaluated as code.

sum     = product (("+" | "-") product)*
product = unary (("*" | "/" | "//" | "%" | "of") unary)*
unary   = ("-" | "+") unary | power
power   = atom ("**" unary)?
atom    = number "%"? | "(" sum ")" "%"? | function "(" sum ("," sum)* ")"
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from openbook.agent.tool import BadArguments

MOST_CHARACTERS, MOST_DEPTH, MOST_DIGITS, MOST_BITS = 2_000, 50, 100, 8_192
"""Of an expression; of brackets in one another; of one number as written; of a result's parts."""

ROOTS = Context(prec=40)

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,3}(?![\w.]))?|\.\d+)|(?P<name>[a-zA-Z]+)"
    r"|(?P<sign>\*\*|//|[-+*/%^(),×÷−·√]))"
)
_SAME = {"^": "**", "×": "*", "·": "*", "÷": "/", "−": "-", "√": "sqrt"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Value:
    """percent: whether it was written as a percentage, which in a sum could mean two things."""

    number: Fraction
    percent: bool = False


def calculated(expression: str) -> Fraction:
    """The exact value; roots to 40 digits. Raises BadArguments in one line."""
    if len(expression) > MOST_CHARACTERS:
        raise BadArguments(f"the expression has over {MOST_CHARACTERS:,} characters: calculate a part of it first")
    reading = _Reading(_tokens(expression))
    value = reading.sum(0)
    if reading.next is not None:
        raise BadArguments(f"{reading.next.text!r} is not expected in {_cut(expression)!r}: check the expression there")
    return value.number


def written(value: Fraction) -> str:
    """A whole number or a decimal: exact where 20 places suffice, else to 15 significant digits."""
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * 10**20
    if scaled.denominator == 1:
        whole, places = divmod(abs(scaled.numerator), 10**20)
        return f"{'-' if value < 0 else ''}{whole}.{places:020d}".rstrip("0")
    rounded = Context(prec=15).divide(Decimal(value.numerator), Decimal(value.denominator)).normalize()
    return f"{rounded:f}" if -7 < rounded.adjusted() < 20 else str(rounded)


def _tokens(expression: str) -> list[_Token]:
    found: list[_Token] = []
    at, inside = 0, list[bool]()
    while at < len(expression.rstrip()):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise BadArguments(f"{_cut(expression[at:])!r} cannot be read: use numbers, + - * / // % ** and brackets")
        kind = str(match.lastgroup)
        text = match[kind]
        if kind == "number" and "," in text and any(inside):
            raise BadArguments(f"{text!r} may be one number or several: put a blank after a comma between numbers")
        if text == "(":
            inside.append(bool(found) and found[-1].kind == "name" and found[-1].text != "of")
        elif text == ")" and inside:
            inside.pop()
        text = _SAME.get(text, text)
        found.append(_Token("name" if text == "sqrt" else kind, text))
        at = match.end()
    return found


class _Reading:
    """Where the descent is."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens, self._at = tokens, 0

    @property
    def next(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def sum(self, depth: int) -> _Value:
        if depth > MOST_DEPTH:
            raise BadArguments(f"brackets stand over {MOST_DEPTH} deep: calculate a part of it first")
        value = self._product(depth)
        while sign := self._taken("+", "-"):
            other = self._product(depth)
            if value.percent != other.percent:
                raise BadArguments("a percentage added to a number may mean two things: write 200 + 10% of 200")
            number = value.number + other.number if sign == "+" else value.number - other.number
            value = _Value(_bounded(number), value.percent)
        return value

    def _product(self, depth: int) -> _Value:
        value = self._unary(depth)
        while sign := self._taken("*", "/", "//", "%", "of"):
            other = self._unary(depth).number
            value = _Value(_bounded(_PRODUCTS[sign](value.number, other)))
        return value

    def _unary(self, depth: int) -> _Value:
        sign = self._taken("-", "+")
        if sign is None:
            return self._power(depth)
        if depth > MOST_DEPTH:
            raise BadArguments(f"signs stand over {MOST_DEPTH} deep: leave some out")
        value = self._unary(depth + 1)
        return value if sign == "+" else _Value(-value.number, value.percent)

    def _power(self, depth: int) -> _Value:
        value = self._atom(depth)
        if self._taken("**"):
            return _Value(_bounded(_raised(value.number, self._unary(depth + 1).number)))
        return value

    def _atom(self, depth: int) -> _Value:
        token = self.next
        if token is None:
            raise BadArguments("the expression ends where a number is expected: complete it")
        self._at += 1
        if token.kind == "number":
            return self._percent(_number(token.text))
        if token.text == "(":
            inner = self.sum(depth + 1)
            self._expected(")")
            return self._percent(inner.number) if self._is_percent() else inner
        if token.kind == "name" and token.text.lower() in FUNCTIONS:
            return _Value(_bounded(self._called(token.text.lower(), depth)))
        known = ", ".join(sorted(FUNCTIONS))
        raise BadArguments(f"{token.text[:40]!r} is not expected here: write numbers, brackets, or one of {known}")

    def _called(self, name: str, depth: int) -> Fraction:
        if name == "sqrt" and (self.next is None or self.next.text != "("):  # as in √2
            return FUNCTIONS[name]([self._atom(depth + 1).number])
        self._expected("(")
        values = [self.sum(depth + 1).number]
        while self._taken(","):
            values.append(self.sum(depth + 1).number)
        self._expected(")")
        return FUNCTIONS[name](values)

    def _percent(self, number: Fraction) -> _Value:
        if self._is_percent():
            self._at += 1
            return _Value(number / 100, percent=True)
        return _Value(number)

    def _is_percent(self) -> bool:
        """Whether a per cent sign comes that no number follows, where it would be the remainder's."""
        if self.next is None or self.next.text != "%":
            return False
        after = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
        return after is None or not (after.kind == "number" or after.text == "(" or after.text.lower() in FUNCTIONS)

    def _taken(self, *signs: str) -> str | None:
        if self.next is not None and self.next.text in signs:
            self._at += 1
            return self._tokens[self._at - 1].text
        return None

    def _expected(self, sign: str) -> None:
        if self._taken(sign) is None:
            found = "the end" if self.next is None else repr(self.next.text[:40])
            raise BadArguments(f"{sign!r} is missing before {found}: check the brackets")


def _number(text: str) -> Fraction:
    if sum(character.isdigit() for character in text) > MOST_DIGITS:
        raise BadArguments(f"a number has over {MOST_DIGITS} digits: shorten it")
    return _bounded(Fraction(text.replace(",", "")))


def _divided(one: Fraction, other: Fraction, by: Callable[[Fraction, Fraction], Fraction | int]) -> Fraction:
    if not other:
        raise BadArguments("it would divide by zero: check the divisor")
    return Fraction(by(one, other))


def _raised(base: Fraction, exponent: Fraction) -> Fraction:
    if not base and exponent < 0:
        raise BadArguments("it would divide by zero: check the exponent")
    if exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if base not in (-1, 0, 1) and bits * abs(exponent) > MOST_BITS:
            raise BadArguments("the power is too large to write down: use a smaller exponent")
        return Fraction(base ** (exponent.numerator % 2 if abs(base) == 1 else exponent.numerator))
    if base < 0:
        raise BadArguments("a negative number has no such power: check the brackets")
    if not base:
        return Fraction(0)
    logarithm = ROOTS.multiply(ROOTS.ln(_decimal(base)), _decimal(exponent))
    if abs(logarithm) > MOST_BITS // 2:
        raise BadArguments("the power is too large to write down: use a smaller exponent")
    return Fraction(ROOTS.exp(logarithm))


def _root(values: Sequence[Fraction]) -> Fraction:
    value = _one(values)
    if value < 0:
        raise BadArguments("a negative number has no square root here: check its sign")
    return Fraction(ROOTS.sqrt(_decimal(value)))


def _rounded(values: Sequence[Fraction]) -> Fraction:
    """Half away from zero, as people round."""
    if len(values) > 2 or (len(values) == 2 and not (values[1].denominator == 1 and abs(values[1]) <= 20)):
        raise BadArguments("round takes a number, and how many places: round(2.345, 2)")
    scale = Fraction(10) ** (values[1].numerator if len(values) == 2 else 0)
    shifted = abs(values[0]) * scale + Fraction(1, 2)
    whole = shifted.numerator // shifted.denominator
    return Fraction(whole if values[0] >= 0 else -whole) / scale


def _one(values: Sequence[Fraction]) -> Fraction:
    if len(values) != 1:
        raise BadArguments("this function takes one number: check the commas")
    return values[0]


def _decimal(value: Fraction) -> Decimal:
    return ROOTS.divide(Decimal(value.numerator), Decimal(value.denominator))


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise BadArguments("the result is too large to write down: calculate with smaller numbers")
    return value


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 40 else text[:39] + "…"


_PRODUCTS: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "*": lambda one, other: one * other,
    "of": lambda one, other: one * other,
    "/": lambda one, other: _divided(one, other, lambda a, b: a / b),
    "//": lambda one, other: _divided(one, other, lambda a, b: a // b),
    "%": lambda one, other: _divided(one, other, lambda a, b: a % b),
}

FUNCTIONS: Mapping[str, Callable[[Sequence[Fraction]], Fraction]] = {
    "sqrt": _root,
    "abs": lambda values: abs(_one(values)),
    "round": _rounded,
    "min": min,
    "max": max,
    "sum": lambda values: Fraction(sum(values)),
    "mean": lambda values: Fraction(sum(values)) / len(values),
}
