"""Where an axis is marked: round numbers, few enough to read (after Heckbert 1990, "Nice numbers for graph labels")."""

from math import ceil, floor, log10

from openbook.report.problems import ReportProblem

_LARGEST, _SMALLEST = 1e100, 1e-100


def span_of(values: list[float], what: str) -> tuple[float, float]:
    """The smallest and the largest, moved apart where they are equal. Raises ReportProblem for what is not finite."""
    if not values:
        raise ReportProblem(f"{what} has nothing to draw: pass at least one value")
    for value in values:
        plain = value if isinstance(value, int) else float(value)  # numpy's own floats may be narrower
        if not -_LARGEST < plain < _LARGEST:  # neither holds of a NaN
            raise ReportProblem(f"{what} holds {value}: leave out what was not measured")
    low, high = min(values), max(values)
    if high - low > max(1e-9 * max(abs(low), abs(high)), _SMALLEST):
        return low, high
    room = abs(low) / 10 if abs(low) > _SMALLEST else 1.0
    return low - room, high + room


def step_of(low: float, high: float, count: int = 5) -> float:
    """The step of 1, 2, 2.5 or 5 times a power of ten that cuts the range into about ``count`` parts."""
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    return min((1, 2, 2.5, 5, 10), key=lambda factor: abs(factor * power - rough)) * power


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """The multiples of the step from ``low`` to ``high``, both included where they are multiples."""
    step = step_of(low, high, count)
    slack = step * 1e-6
    return [index * step for index in range(ceil((low - slack) / step), floor((high + slack) / step) + 1)]


def ticks_around(low: float, high: float, count: int = 5) -> list[float]:
    """The multiples of the step from the last at or below ``low`` to the first at or above ``high``: an axis's ends."""
    step = step_of(low, high, count)
    slack = step * 1e-6
    return [index * step for index in range(floor((low + slack) / step), ceil((high - slack) / step) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten within the range; with their doubles and fives, or every n-th, where those are too few or many."""
    first, last = floor(log10(low)), ceil(log10(high))
    inside = [
        10.0**power
        for power in range(first, last + 1)
        if low <= 10.0**power * 1.000001 and 10.0**power <= high * 1.000001
    ]
    if len(inside) > 7:
        return inside[:: ceil(len(inside) / 7)]
    if len(inside) >= 3:
        return inside
    finer = [factor * 10.0**power for power in range(first, last + 1) for factor in (1, 2, 5)]
    between = [tick for tick in finer if low <= tick * 1.000001 and tick <= high * 1.000001]
    return between if len(between) >= 2 else ticks(low, high)
