"""How the i-th series of a plot looks: its colour, its dash, its mark; each alone tells the first six apart."""

from openbook.report.markup import escaped_html
from openbook.report.palette import SERIES
from openbook.report.svg import element, number, paint

_DASHES = ("", "7 4", "2 3", "9 3 2 3", "5 2", "1 4")
# Around a point: where to move, then the outline.
_MARKS = (
    "-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0 -7.2 0z",
    "-3.3 -3.3h6.6v6.6h-6.6z",
    "0 -4.6l4.4 7.6h-8.8z",
    "0 -4.8l4.4 4.8l-4.4 4.8l-4.4 -4.8z",
    "0 4.6l4.4 -7.6h-8.8z",
    "-1.5 -4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
)


def fill(index: int) -> dict[str, str]:
    return paint("fill", SERIES[index % len(SERIES)])


def solid(index: int) -> dict[str, str]:
    return {"stroke-width": "2", **paint("stroke", SERIES[index % len(SERIES)])}


def stroke(index: int) -> dict[str, str]:
    """Colours repeat after six; the dashes are shifted by one then, so that no two of 12 series are alike."""
    dash = _DASHES[(index + index // len(SERIES)) % len(_DASHES)]
    return {**solid(index), **({"stroke-dasharray": dash} if dash else {})}


def mark(index: int, x: float, y: float, tip: str = "") -> str:
    """The series' mark at a point; tip: what a reader sees who points at it."""
    path = f"M{number(x)} {number(y)}m{_MARKS[index % len(_MARKS)]}"
    return element("path", {"d": path, **fill(index)}, *([f"<title>{escaped_html(tip)}</title>"] if tip else []))


def swatch(index: int, x: float, y: float) -> str:
    """A piece of the line with its mark, 26 pixels across from x, centred on y."""
    line = element("line", {"x1": x, "y1": y, "x2": x + 26, "y2": y, **stroke(index)})
    return line + mark(index, x + 13, y)
