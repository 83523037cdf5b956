"""Rows as curves: the share right by position and by length, with intervals over items; and both as a grid."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson, wilson_in_groups
from openbook.evaluate.position.probe import Row
from openbook.evaluate.scores import BadScores

MOST_PLACES = 12
"""Depths, or lengths, that are shown each for itself; more are put together."""


@dataclass(frozen=True, slots=True)
class Point:
    """at: a depth or a length, the least where several are put together; to: the largest. right: the share."""

    at: float
    right: Interval
    to: float


@dataclass(frozen=True, slots=True)
class Grid:
    """shares[i][j]: of the rows at depths[i] and lengths[j]; None where there is none."""

    depths: tuple[float, ...]
    lengths: tuple[int, ...]
    shares: tuple[tuple[float | None, ...], ...]


def by_depth(rows: Sequence[Row], *, level: float = 0.95) -> list[Point]:
    """One point a depth, in order."""
    return _points(rows, lambda row: row.depth, level)


def by_length(rows: Sequence[Row], *, level: float = 0.95) -> list[Point]:
    """One point a length, in order."""
    return _points(rows, lambda row: float(row.length), level)


def by_range(rows: Sequence[Row], most: int = MOST_PLACES, *, level: float = 0.95) -> list[Point]:
    """Lengths in order, neighbours put together so that there are at most ``most`` points."""
    lengths = sorted({row.length for row in rows})
    each = -(-len(lengths) // most)
    number = {length: place // each for place, length in enumerate(lengths)}
    points = _points(rows, lambda row: float(number[row.length]), level)
    ranges = [lengths[at : at + each] for at in range(0, len(lengths), each)]
    return [replace(point, at=own[0], to=own[-1]) for point, own in zip(points, ranges, strict=True)]


def grid(rows: Sequence[Row]) -> Grid:
    """Depths down, lengths across."""
    cells: dict[tuple[float, int], list[float]] = defaultdict(list)
    for row in rows:
        cells[row.depth, row.length].append(row.right)
    depths, lengths = sorted({row.depth for row in rows}), sorted({row.length for row in rows})
    shares = tuple(
        tuple(sum(found) / len(found) if (found := cells.get((d, n))) else None for n in lengths) for d in depths
    )
    return Grid(tuple(depths), tuple(lengths), shares)


def in_tenths(rows: Sequence[Row]) -> list[Row]:
    """Depths rounded to tenths, where there are too many to show each."""
    if len({row.depth for row in rows}) <= MOST_PLACES:
        return list(rows)
    return [replace(row, depth=round(row.depth, 1)) for row in rows]


def _points(rows: Sequence[Row], of: Callable[[Row], float], level: float) -> list[Point]:
    if not rows:
        raise BadScores("there is no row to measure: ask at least one probe")
    groups: dict[float, list[Row]] = defaultdict(list)
    for row in rows:
        groups[of(row)].append(row)
    return [Point(at, share(groups[at], level), at) for at in sorted(groups)]


def share(rows: Sequence[Row], level: float = 0.95) -> Interval:
    """The share right. Wilson's interval over items where rows are right or wrong, else the bootstrap's.

    Rows of one item alone are taken as independent: then nothing is known of other items.
    """
    items = [row.item for row in rows]
    several = len(set(items)) > 1
    right = [row.right for row in rows]
    if all(value in (0.0, 1.0) for value in right):
        outcomes = [value == 1.0 for value in right]
        if several:
            return wilson_in_groups(outcomes, items, level=level)
        return wilson(sum(outcomes), len(outcomes), level=level)
    found = bootstrap_mean(right, groups=items if several else None, level=level, resamples=2_000)
    return found or Interval(right[0], 0.0, 1.0, level, 1)
