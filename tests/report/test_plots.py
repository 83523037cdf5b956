"""Plots: sound XML, nothing outside of the picture, values where the axis says, and strict about bad input."""

import re
import xml.etree.ElementTree as ET
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.report.bars import bar_plot
from openbook.report.lines import _thinned, line_plot
from openbook.report.problems import ReportProblem
from openbook.report.series import Bars, Series
from openbook.report.svg import WIDTH, Svg, number, text_width

SPACE = "{http://www.w3.org/2000/svg}"
numbers = st.floats(-1e6, 1e6)
names = st.text(max_size=60)


def parsed(plot: Svg) -> ET.Element:
    root = ET.fromstring(plot.text)
    assert root.tag == f"{SPACE}svg"
    for item in root.iter():
        assert item.tag.removeprefix(SPACE) in {"svg", "title", "desc", "style", "rect", "line", "path", "text"}
        assert not {"href", "onload", "onclick"} & set(item.attrib)
        for name, value in item.attrib.items():
            assert name in ("font-family", "class") or not re.search(r"nan|inf|url\(", value)
    return root


def check_inside(root: ET.Element) -> None:
    """Every text, by its estimated width, and every rectangle lies within the picture."""
    height = float(root.attrib["height"])
    for item in root.iter(f"{SPACE}text"):
        x, y = float(item.attrib["x"]), float(item.attrib["y"])
        extent = text_width(item.text or "", float(item.attrib["font-size"]))
        anchor = {"start": 0, "middle": 0.5, "end": 1}[item.attrib.get("text-anchor", "start")]
        if "transform" not in item.attrib:
            assert -1 <= x - anchor * extent <= x + (1 - anchor) * extent <= WIDTH + 1, (item.text, x)
        assert 0 <= y <= height - 4
    for item in root.iter(f"{SPACE}rect"):
        x, y = float(item.attrib.get("x", 0)), float(item.attrib.get("y", 0))
        assert 0 <= x <= x + float(item.attrib["width"]) <= WIDTH + 0.1
        assert 0 <= y <= y + float(item.attrib["height"]) <= height + 0.1


@st.composite
def lines(draw) -> Series:
    x = sorted(draw(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=60)))
    y = draw(st.lists(numbers, min_size=len(x), max_size=len(x)))
    if draw(st.booleans()):
        return Series(draw(names), x, y)
    return Series(draw(names), x, y, [value - 1 for value in y], [value + 2 for value in y])


@st.composite
def bars(draw) -> list[Bars]:
    labels = draw(st.lists(names, min_size=1, max_size=6))
    values = st.lists(numbers, min_size=len(labels), max_size=len(labels))
    sets = [Bars(draw(names), labels, draw(values)) for _ in range(draw(st.integers(1, 4)))]
    if draw(st.booleans()):
        return sets
    return [
        Bars(s.name, labels, s.values, [v - 2 for v in s.values], [v + 1 for v in s.values]) for s in sets[:1]
    ] + sets[1:]


@settings(max_examples=60, deadline=None)
@given(names, st.lists(lines(), min_size=1, max_size=12), names, names, st.booleans())
def test_any_lines_make_a_sound_picture(title: str, drawn: list, x_label: str, y_label: str, log_x: bool) -> None:
    root = parsed(line_plot(title, drawn, x_label=x_label, y_label=y_label, log_x=log_x))
    check_inside(root)
    for path in root.iter(f"{SPACE}path"):
        if path.attrib.get("fill") == "none":
            points = re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.attrib["d"])
            assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= float(root.attrib["height"]) for x, y in points)


@settings(max_examples=60, deadline=None)
@given(names, bars(), names)
def test_any_bars_make_a_sound_picture(title: str, drawn: list, x_label: str) -> None:
    check_inside(parsed(bar_plot(title, drawn, x_label=x_label)))


@pytest.mark.parametrize(
    "values", [[0.0], [0.0, -0.0], [5e-324], [-1e99, 1e-99], [-3.0], [1e-120, 1e99], [-7e5, 0.125]]
)
def test_extreme_bars_and_lines_are_drawn_whole(values: list) -> None:
    labels = [str(value) for value in values]
    check_inside(parsed(bar_plot("t", [Bars("", labels, values)])))
    check_inside(parsed(line_plot("t", [Series("a", sorted(values), values)])))


def test_a_logarithmic_y_gives_every_power_the_same_height() -> None:
    root = parsed(line_plot("t", [Series("a", [1, 2, 3], [0.01, 0.1, 1])], log_y=True))
    check_inside(root)
    path = next(p for p in root.iter(f"{SPACE}path") if p.attrib.get("fill") == "none")
    heights = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", path.attrib["d"])]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    labels = {
        t.text: float(t.attrib["y"]) - 4 for t in root.iter(f"{SPACE}text") if t.attrib.get("text-anchor") == "end"
    }
    assert [labels["0.01"], labels["0.1"], labels["1"]] == pytest.approx(heights, abs=0.1)


def test_points_lie_where_the_axes_say() -> None:
    root = parsed(line_plot("t", [Series("a", [1, 10, 100], [0, 5, 10])], log_x=True))
    path = next(p for p in root.iter(f"{SPACE}path") if p.attrib.get("fill") == "none")
    (x1, y1), (x2, y2), (x3, y3) = [tuple(map(float, p)) for p in re.findall(r"([\d.]+) ([\d.]+)", path.attrib["d"])]
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y1 - y2 == pytest.approx(y2 - y3, abs=0.2)
    labels = {
        t.text: float(t.attrib["x"]) for t in root.iter(f"{SPACE}text") if t.attrib.get("text-anchor") == "middle"
    }
    assert [labels["1"], labels["10"], labels["100"]] == pytest.approx([x1, x2, x3], abs=0.1)
    heights = {
        t.text: float(t.attrib["y"]) - 4 for t in root.iter(f"{SPACE}text") if t.attrib.get("text-anchor") == "end"
    }
    assert [heights["0"], heights["10"]] == pytest.approx([y1, y3], abs=0.1)


def test_bars_are_as_long_as_their_values() -> None:
    root = parsed(bar_plot("t", [Bars("", ["a", "b", "c"], [1, 4, -2], [0.5, 3, -3], [2, 5, -1])]))
    rects = list(root.iter(f"{SPACE}rect"))[1:]
    one, four, minus_two = (float(r.attrib["width"]) for r in rects)
    assert four == pytest.approx(4 * one, abs=0.3)
    assert minus_two == pytest.approx(2 * one, abs=0.3)
    zero = float(rects[0].attrib["x"])
    assert float(rects[2].attrib["x"]) + minus_two == pytest.approx(zero, abs=0.2)


def test_a_range_that_is_asked_for_is_shown_and_never_cuts() -> None:
    texts = [
        t.text for t in parsed(line_plot("t", [Series("a", [0, 1], [0.4, 1.3])], y_range=(0, 1))).iter(f"{SPACE}text")
    ]
    assert "0" in texts
    assert "1.50" in texts


def test_text_is_escaped_and_read_aloud() -> None:
    hostile = '</text><script>alert("x")</script>&'
    root = parsed(line_plot(hostile, [Series(hostile, [1, 2], [3, 4])], x_label=hostile))
    assert root.find(f"{SPACE}title").text == hostile
    assert root.find(f".//{SPACE}script") is None
    assert root.attrib["role"] == "img"


def test_long_series_stay_small_and_keep_their_extremes() -> None:
    n = 50_000
    y = [(i * 7919 % 1000) / 1000 for i in range(n)]
    y[n // 2] = 9.0
    plot = line_plot("t", [Series("a", range(n), y)])
    assert len(plot.text) < 100_000
    points = [(index / 10, (index * 7919) % 101) for index in range(500)]
    kept = _thinned([(x, float(height)) for x, height in points])
    assert set(kept) <= {(x, float(height)) for x, height in points}
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    for column in range(50):
        heights = [height for x, height in points if int(x) == column]
        drawn = [height for x, height in kept if int(x) == column]
        assert (min(drawn), max(drawn)) == (min(heights), max(heights))


def test_light_colours_are_attributes_and_dark_ones_a_media_query() -> None:
    text = line_plot("t", [Series("a", [1, 2], [3, 4])]).text
    assert 'fill="#ffffff"' in text
    assert "@media (prefers-color-scheme:dark)" in text
    used = set(re.findall(r'class="(ob-\w+)"', text))
    assert used
    assert all(f".{name}{{" in text for name in used)


def test_twelve_lines_all_look_different() -> None:
    root = parsed(line_plot("t", [Series(str(i), [1, 2], [i, i]) for i in range(12)]))
    paths = [p.attrib for p in root.iter(f"{SPACE}path") if p.attrib.get("fill") == "none"]
    assert len({(a["stroke"], a.get("stroke-dasharray")) for a in paths}) == 12


def test_numbers_are_short() -> None:
    assert [number(v) for v in (1.0, 0.04, -0.04, 3.14159, -2.5, 720)] == ["1", "0", "0", "3.1", "-2.5", "720"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Series("a", [1, 2], [1]),
        lambda: Series("a", [], []),
        lambda: Series("a", [2, 1], [1, 1]),
        lambda: Series("a", [1, 2], [1, 1], [0, 0]),
        lambda: Series("a", [1], [1], [2], [0]),
        lambda: Bars("a", ["x"], [1, 2]),
        lambda: Bars("a", ["x"], [1], shown=["1", "2"]),
        lambda: line_plot("t", []),
        lambda: line_plot("t", [Series("a", [1], [1])] * 13),
        lambda: line_plot("t", [Series("a", [1], [nan])]),
        lambda: line_plot("t", [Series("a", [1, inf], [1, 1])]),
        lambda: line_plot("t", [Series("a", [0, 1], [1, 1])], log_x=True),
        lambda: line_plot("t", [Series("a", [1, 2], [0, 1])], log_y=True),
        lambda: line_plot("t", [Series("a", [1, 2], [1, 2], [-1, 1], [2, 3])], log_y=True),
        lambda: bar_plot("t", []),
        lambda: bar_plot("t", [Bars("a", ["x"], [nan])]),
        lambda: bar_plot("t", [Bars("a", ["x"], [1]), Bars("b", ["y"], [1])]),
        lambda: bar_plot("t", [Bars("a", ["x"], [1])] * 7),
        lambda: bar_plot("t", [Bars("a", ["x"] * 121, [1] * 121)]),
    ],
)
def test_what_cannot_be_drawn_is_refused(make) -> None:
    with pytest.raises(ReportProblem) as problem:
        make()
    assert "\n" not in str(problem.value)
