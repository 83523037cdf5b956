"""Numbers as they stand in text, as exact fractions: 1,000; -3; 1/2; 2 1/2; $5. and 12 km, and nothing evaluated.

What may be one number or several is no number here: 1,00 (a comma that parts no thousands), 10:30, 3/4/2020, 1.2.3.
"""

import re
from collections.abc import Iterator
from fractions import Fraction

_LONGEST = 40  # characters of one number
_LARGEST_EXPONENT = 30

_RUN = re.compile(
    r"(?<![\w.,:/])"  # a digit within a word or within another number begins none
    r"(?P<sign>[-\u2212]?)(?P<currency>[$€£¥]?)(?P<inner>[-\u2212]?)"
    r"(?P<body>(?:\d+ (?=\d+/\d))?\.?\d(?:[\d.,:/]|[eE][-+]?(?=\d))*)"
)
_DECIMAL = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?P<rest>\.\d+)?(?:[eE](?P<exponent>[-+]?\d{1,3}))?")
_FRACTION = re.compile(r"(?:(?P<whole>\d+) )?(?P<above>\d+)/(?P<below>\d+)")


def numbers_in(text: str) -> Iterator[Fraction]:
    """Every number in order. A minus is a sign unless it stands against a word, a digit or a bracket before it."""
    for found in _RUN.finditer(text):
        value = _value(found["body"].rstrip(".,:/"))
        if value is not None:
            before = text[: found.start()][-1:]
            negative = bool(found["inner"]) or (bool(found["sign"]) and before not in (")", "]", "}"))
            yield -value if negative else value


def written(value: Fraction) -> str:
    """One spelling for equal numbers: whole, decimal where it ends, else a fraction in lowest terms."""
    if value.denominator == 1:
        return str(value.numerator)
    below, places = value.denominator, 0
    while below % 10 == 0 or below % 2 == 0 or below % 5 == 0:
        below //= 10 if below % 10 == 0 else 2 if below % 2 == 0 else 5
        places += 1
    if below != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    shown = f"{digits[:-places]}.{digits[-places:]}".rstrip("0")
    return f"-{shown}" if value < 0 else shown


def _value(body: str) -> Fraction | None:
    if len(body) > _LONGEST:
        return None
    if parts := _FRACTION.fullmatch(body):
        above, below = int(parts["above"]), int(parts["below"])
        if below == 0 or (parts["whole"] and above >= below):
            return None
        return int(parts["whole"] or 0) + Fraction(above, below)
    parts = _DECIMAL.fullmatch(body)
    if parts is None or not (parts["whole"] or parts["rest"]):
        return None
    exponent = int(parts["exponent"] or 0)
    if abs(exponent) > _LARGEST_EXPONENT:
        return None
    plain = (parts["whole"] or "0").replace(",", "") + (parts["rest"] or "")
    return Fraction(plain) * Fraction(10) ** exponent
