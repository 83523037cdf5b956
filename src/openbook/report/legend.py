"""The legend above a plot: a swatch and a name for each series, in as many rows as it takes."""

from collections.abc import Callable, Sequence

from openbook.report.svg import WIDTH, cut, label, text_width

ROW = 22
_SWATCH, _GAP, _LEFT = 34, 22, 24


def legend(names: Sequence[str], top: float, swatch: Callable[[int, float, float], str]) -> tuple[list[str], float]:
    """The elements, and the height they take; none for a single series without a name.

    swatch: draws that of series i from (x, y) over 26 pixels to the right, centred on y.
    """
    if not any(names):
        return [], 0
    drawn: list[str] = []
    x, y = float(_LEFT), top + ROW / 2
    for index, name in enumerate(names):
        kept = cut(name, WIDTH - 2 * _LEFT - _SWATCH)
        room = _SWATCH + text_width(kept)
        if x > _LEFT and x + room > WIDTH - _LEFT:
            x, y = _LEFT, y + ROW
        drawn += [swatch(index, x, y), label(x + _SWATCH, y + 4.5, kept)]
        x += room + _GAP
    return drawn, y + ROW / 2 - top
