"""How numbers of a bake-off are written in its tables and sentences."""

from openbook.evaluate.intervals import Interval
from openbook.report.tables import Column


def spanned(found: Interval, digits: int = 2) -> str:
    """``0.81 (0.74–0.86)``"""
    low, high = (signed(bound, digits) for bound in (found.low, found.high))
    return (
        f"{signed(found.value, digits)} ({low}–{high})"
        if found.low >= 0
        else f"{signed(found.value, digits)} ({low} to {high})"
    )


def signed(value: float, digits: int = 2) -> str:
    """A minus as it is set, and no minus before 0."""
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def p_value(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def columns(first: str, *others: str) -> tuple[Column, ...]:
    """Words in the first, numbers in the others."""
    return (Column(first), *(Column(name, "right") for name in others))
