"""A number with its unit, read from text and turned into another unit, exactly."""

import re
from dataclasses import dataclass
from fractions import Fraction

from openbook.agent.tool import BadArguments
from openbook.agent.tools.unit_table import BY_SYMBOL, BY_WORD, Scale

NUMBER = r"[-−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,40})(?:\.\d{1,40})?"
_NAMES = sorted({*BY_SYMBOL, *BY_WORD}, key=len, reverse=True)
UNIT = re.compile(rf"(?<![\w°/])(?P<unit>{'|'.join(re.escape(name) for name in _NAMES)})(?![\w/])", re.IGNORECASE)
QUANTITY = re.compile(
    rf"(?<![\w.,])(?P<number>{NUMBER})[ -]?(?P<unit>{'|'.join(re.escape(name) for name in _NAMES)})(?![\w/])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    number: Fraction
    unit: Scale


def unit_named(text: str) -> Scale | None:
    """A symbol counts as written; a word in any letter case, and in the plural."""
    name = " ".join(text.split())
    return BY_SYMBOL.get(name) or BY_WORD.get(name.lower())


def read_quantity(text: str) -> Quantity:
    """The one quantity that the text is. Raises BadArguments."""
    match = QUANTITY.fullmatch(" ".join(text.split()))
    unit = unit_named(match["unit"]) if match else None
    if match is None or unit is None:
        raise BadArguments(f"{text[:40]!r} is no number with a unit that is known here: write it as 5 km or 20 °C")
    return Quantity(Fraction(match["number"].replace(",", "").replace("−", "-")), unit)


def converted(quantity: Quantity, unit: Scale) -> Fraction:
    """Raises BadArguments where one cannot become the other, or a temperature lies below absolute zero."""
    if quantity.unit.quantity != unit.quantity:
        raise BadArguments(
            f"{quantity.unit.names[0]} is a unit of {quantity.unit.quantity} and {unit.names[0]} of {unit.quantity}: "
            "convert to one of the same kind"
        )
    base = (quantity.number + quantity.unit.before) * quantity.unit.factor
    if unit.quantity == "temperature" and base < 0:
        raise BadArguments("that is below absolute zero: check the number and its unit")
    return base / unit.factor - unit.before
