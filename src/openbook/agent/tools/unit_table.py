"""Units with their exact factors: the international inch and pound, SI, and IEC's powers of 1,024.

Sources: NIST SP 811 (2008), appendix B, and IEC 80000-13 for data. Every factor is a fraction, so that nothing is
rounded before the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

F = Fraction

NONE = F(0)


@dataclass(frozen=True, slots=True)
class Scale:
    """value in base units = (value + before) * factor. names: the symbol first, as it is shown."""

    quantity: str
    names: tuple[str, ...]
    factor: Fraction
    before: Fraction = NONE


_INCH, _POUND = F(254, 10_000), F(45_359_237, 100_000_000)

_LENGTHS = [
    ("m", "metre", "meter", F(1)),
    ("km", "kilometre", "kilometer", F(1000)),
    ("cm", "centimetre", "centimeter", F(1, 100)),
    ("mm", "millimetre", "millimeter", F(1, 1000)),
    ("µm", "micrometre", "micrometer", "um", F(1, 10**6)),
    ("nm", "nanometre", "nanometer", F(1, 10**9)),
    ("in", "inch", "inches", _INCH),
    ("ft", "foot", "feet", 12 * _INCH),
    ("yd", "yard", 36 * _INCH),
    ("mi", "mile", 63_360 * _INCH),
    ("nmi", "nautical mile", F(1852)),
]
_MASSES = [
    ("kg", "kilogram", "kilogramme", "kilo", F(1)),
    ("g", "gram", "gramme", F(1, 1000)),
    ("mg", "milligram", F(1, 10**6)),
    ("µg", "microgram", "ug", F(1, 10**9)),
    ("t", "tonne", "metric ton", F(1000)),
    ("lb", "pound", "lbs", _POUND),
    ("oz", "ounce", _POUND / 16),
    ("st", "stone", 14 * _POUND),
]
_TIMES = [
    ("s", "second", "sec", F(1)),
    ("ms", "millisecond", F(1, 1000)),
    ("µs", "microsecond", "us", F(1, 10**6)),
    ("min", "minute", F(60)),
    ("h", "hour", "hr", F(3600)),
    ("d", "day", F(86_400)),
    ("wk", "week", F(604_800)),
]
_SPEEDS = [
    ("m/s", "metre per second", "meter per second", "metres per second", "meters per second", F(1)),
    ("km/h", "kph", "kmh", "kilometres per hour", "kilometers per hour", F(5, 18)),
    ("mph", "mile per hour", "miles per hour", 63_360 * _INCH / 3600),
    ("kn", "knot", F(1852, 3600)),
    ("ft/s", "feet per second", 12 * _INCH),
]
_PREFIXES = ("kilo", "mega", "giga", "tera", "peta")


def _data() -> list[Scale]:
    """kB is 1,000 bytes, KiB is 1,024; a small b is a bit."""
    found = [Scale("data", ("B", "byte"), F(1)), Scale("data", ("bit", "b"), F(1, 8))]
    for power, prefix in enumerate(_PREFIXES, start=1):
        letter = "k" if prefix == "kilo" else prefix[0].upper()
        upper = letter.upper()
        found += [
            Scale("data", (f"{letter}B", *([f"{upper}B"] if upper != letter else []), f"{prefix}byte"), F(1000**power)),
            Scale("data", (f"{upper}iB", f"{prefix[:2]}bibyte"), F(1024**power)),
            Scale("data", (f"{letter}bit", f"{letter}b", f"{prefix}bit"), F(1000**power, 8)),
            Scale("data", (f"{upper}ibit", f"{upper}ib", f"{prefix[:2]}bibit"), F(1024**power, 8)),
        ]
    return found


def _table() -> tuple[Scale, ...]:
    found: list[Scale] = []
    rows = {"length": _LENGTHS, "mass": _MASSES, "time": _TIMES, "speed": _SPEEDS}
    for quantity, scales in rows.items():
        for *names, factor in scales:
            found.append(Scale(quantity, tuple(str(name) for name in names), F(factor)))
    return (
        *found,
        *_data(),
        Scale("temperature", ("K", "kelvin"), F(1)),
        Scale(
            "temperature", ("°C", "celsius", "degree celsius", "degrees celsius", "centigrade"), F(1), F(27_315, 100)
        ),
        Scale("temperature", ("°F", "fahrenheit", "degree fahrenheit", "degrees fahrenheit"), F(5, 9), F(45_967, 100)),
    )


SCALES = _table()

BY_SYMBOL: Mapping[str, Scale] = {name: scale for scale in SCALES for name in scale.names}
"""As written: a capital may be another unit (MB and Mb, K and k)."""

BY_WORD: Mapping[str, Scale] = {
    form: scale
    for scale in SCALES
    for place, name in enumerate(scale.names)
    if place and len(name) > 2
    for form in (name.lower(), f"{name.lower()}s")
}
"""Words in any letter case, plural too."""
