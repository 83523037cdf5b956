"""Many heatmaps over the same names: a grid of small ones, each a link that shows it large below, without a script."""

from collections.abc import Sequence
from dataclasses import dataclass

from openbook.report import heatmap
from openbook.report.frame import MARGIN, heading
from openbook.report.heatmap import Room, Shares
from openbook.report.markup import escaped_html
from openbook.report.palette import GRID, INK, MUTED
from openbook.report.problems import ReportProblem
from openbook.report.svg import WIDTH, Svg, document, element, label, paint, text_width

_GAP, _LARGEST_TILE, _SMALLEST_TILE = 5, 120, 8


def heatmap_grid(
    title: str,
    down: Sequence[str],
    across: Sequence[str],
    names: Sequence[str],
    maps: Sequence[Sequence[Shares]],
    chosen: tuple[int, int] = (0, 0),
) -> Svg:
    """The picture: maps[i][j], (names, names), small in row ``down[i]`` and column ``across[j]``, and the chosen large.

    Following a small one's link shows it large instead; every large one has its values as tooltips. Raises
    ReportProblem for values outside 0 to 1, and for more cells than a browser can show.
    """
    _check(title, down, across, names, maps)
    parts, top = heading(title)
    grid = _Grid.of(down, across, top + 20)
    if grid.tile < _SMALLEST_TILE:
        raise ReportProblem(f"picture {title!r} has {len(across)} columns, which do not fit: draw fewer")
    parts += grid.names(down, across)
    room = Room.of(names, names, grid.bottom + 62)
    tips = heatmap.few_enough_for_tips(len(down) * len(across) * len(names) ** 2)
    large: list[str] = []
    rules = [".large{display:none}", ".chosen{display:inline}", "a:target~.chosen{display:none}"]
    for i, j in ((i, j) for i in range(len(down)) for j in range(len(across))):
        key, caption = f"map-{i}-{j}", f"{down[i]}, {across[j]}"
        parts.append(grid.link(i, j, key, caption, maps[i][j]))
        captioned = label(MARGIN, grid.bottom + 44, caption.capitalize(), size=15, bold=True)
        cells = heatmap.cells(names, names, maps[i][j], room, tips=tips)
        classes = f"large {key}{' chosen' if chosen == (i, j) else ''}"
        large.append(element("g", {"class": classes}, grid.frame(i, j), captioned, *cells))
        rules.append(f"#{key}:target~.{key}{{display:inline}}")
    style = f"<style>{''.join(rules)}</style>"
    below = [*heatmap.axes(names, names, room), heatmap.scale(room.bottom + 14)]
    described = heatmap.describe(names, names, maps[chosen[0]][chosen[1]])
    said = f"{len(down)} by {len(across)} heatmaps. {down[chosen[0]]}, {across[chosen[1]]}: {described}"
    return document(room.bottom + 44, title, said, style, *parts, *large, *below)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the small maps lie: the first one's corner, a side, and where the last row ends."""

    left: float
    top: float
    tile: float
    bottom: float

    @staticmethod
    def of(down: Sequence[str], across: Sequence[str], top: float) -> "_Grid":
        left = MARGIN + max(text_width(name, 12) for name in down) + 10
        tile = min(_LARGEST_TILE, (WIDTH - MARGIN - left) / len(across) - _GAP)
        return _Grid(left, top, tile, top + len(down) * (tile + _GAP))

    def place(self, i: int, j: int) -> tuple[float, float]:
        """The left upper corner of one."""
        return self.left + j * (self.tile + _GAP), self.top + i * (self.tile + _GAP)

    def names(self, down: Sequence[str], across: Sequence[str]) -> list[str]:
        """Beside each row, and above each column where there is room."""
        drawn: list[str] = []
        for i, name in enumerate(down):
            y = self.place(i, 0)[1] + self.tile / 2 + 4
            drawn.append(label(self.left - 10, y, name, anchor="end", size=12, shade=MUTED))
        for j, name in enumerate(across):
            if text_width(name, 11) <= self.tile + _GAP:
                x = self.place(0, j)[0] + self.tile / 2
                drawn.append(label(x, self.top - 6, name, anchor="middle", size=11, shade=MUTED))
        return drawn

    def link(self, i: int, j: int, key: str, caption: str, values: Shares) -> str:
        """The small map, to be followed."""
        x, y = self.place(i, j)
        edge: dict[str, str | float] = {"x": x, "y": y, "width": self.tile, "height": self.tile, "fill-opacity": "0"}
        drawn = [
            heatmap.tiles(values, x, y, self.tile / len(values)),
            element("rect", {**edge, **paint("stroke", GRID)}),
        ]
        return element("a", {"id": key, "href": f"#{key}"}, f"<title>{escaped_html(caption)}</title>", *drawn)

    def frame(self, i: int, j: int) -> str:
        """Around the one that is shown large."""
        x, y = self.place(i, j)
        shape: dict[str, str | float] = {"x": x - 1, "y": y - 1, "width": self.tile + 2, "height": self.tile + 2}
        return element("rect", {**shape, "fill": "none", "stroke-width": "2", **paint("stroke", INK)})


def _check(
    title: str, down: Sequence[str], across: Sequence[str], names: Sequence[str], maps: Sequence[Sequence[Shares]]
) -> None:
    if not down or not across or len(maps) != len(down) or any(len(row) != len(across) for row in maps):
        raise ReportProblem(f"picture {title!r} needs one heatmap for each of its rows and columns, and one at least")
    count = len(down) * len(across) * len(names) ** 2
    if count > heatmap.MOST_CELLS:
        raise ReportProblem(
            f"picture {title!r} would have {count:,} cells, and {heatmap.MOST_CELLS:,} can be shown: draw fewer maps "
            "or fewer names"
        )
    for row in maps:
        for each in row:
            heatmap.check(title, names, names, each)
