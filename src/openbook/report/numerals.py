"""How a number is written: three significant digits in prose, as many decimals as the step needs on an axis."""

from math import floor, isfinite, log10


def figure_text(value: float) -> str:
    """An integer in full, any other number with three significant digits: 1,321; 72.1; 0.00123; 4.20e-07."""
    if isinstance(value, int):
        return f"{value:,}"
    if not isfinite(value) or abs(value) >= 1e15:
        return f"{value:.3g}"
    rounded = float(f"{value:.2e}")
    if abs(rounded) < 1e-4:
        return f"{rounded:.2e}" if rounded else "0"
    return f"{rounded:,.{max(0, 2 - floor(log10(abs(rounded))))}f}"


def tick_text(value: float, step: float) -> str:
    """A tick label with the decimals that ``step`` needs; thousands as k, millions M, billions G; beyond, as 3e−5."""
    if abs(value) < step / 1e6:
        return "0"
    sign = "−" if value < 0 else ""
    size, suffix = next(((s, text) for s, text in _SIZES if abs(value) >= 10 * s or step >= s), (1.0, ""))
    scaled, part = abs(value) / size, step / size
    if scaled >= 1e6 or part < 1e-4:
        mantissa, exponent = f"{abs(value):.6e}".split("e")
        return f"{sign}{float(mantissa):g}e{int(exponent)}".replace("e-", "e−")
    decimals = next(d for d in range(8) if d == 7 or abs(part * 10**d - round(part * 10**d)) < 1e-6 * part * 10**d)
    return f"{sign}{scaled:.{decimals}f}{suffix}"


_SIZES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
