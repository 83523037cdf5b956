"""The cells that both tables of ``openbook compress`` are made of."""

from collections.abc import Sequence

from openbook.evaluate.intervals import Interval
from openbook.evaluate.rounds import TimesAsFast


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def gigabytes(rate: float) -> str:
    return f"{rate / 1e9:.1f} GB/s"


def smaller(before: int, after: int) -> str:
    return f"{before / after:.2f} times smaller"


def times(fast: TimesAsFast) -> str:
    return f"{fast.value:.2f} times as fast ({fast.low:.2f} to {fast.high:.2f})"


def change(found: Interval | None) -> str:
    return "" if found is None else f"{found.value:+.2%} ({found.low:+.2%} to {found.high:+.2%})"


def within(found: Interval | None, form: str) -> str:
    return "" if found is None else f"{found.low:{form}} to {found.high:{form}}"


def slower_line(to: str, speeds: Sequence[tuple[str, TimesAsFast]]) -> str:
    """Where speed is lost, and only what every round says."""
    lost = [name for name, fast in speeds if fast.slower]
    if lost:
        return f"{to} was slower in every round: {'; '.join(lost)}."
    return f"No speed of {to} was lower in every round."
