"""Heatmaps: sound XML, every value to be found, small files, no script, and strict about bad input."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.report.heatmap import LEVELS, heatmap, short, tiles
from openbook.report.heatmap_grid import heatmap_grid
from openbook.report.problems import ReportProblem
from openbook.report.svg import WIDTH, Svg

SPACE = "{http://www.w3.org/2000/svg}"
WEIGHTS = [[1.0, 0.0, 0.0], [0.25, 0.75, 0.0], [0.2, 0.3, 0.5]]
NAMES = ["The", "cat", "sat"]


def parsed(plot: Svg) -> ET.Element:
    root = ET.fromstring(plot.text)
    for item in root.iter():
        assert item.tag.removeprefix(SPACE) in {"svg", "title", "desc", "style", "rect", "path", "text", "g", "a"}
        assert not any(name.startswith("on") for name in item.attrib)
        assert item.attrib.get("href", "#").startswith("#")
    return root


def tips(root: ET.Element) -> list[str]:
    return [title.text or "" for title in root.iter(f"{SPACE}title")]


def test_every_value_can_be_pointed_at_and_read() -> None:
    root = parsed(heatmap("Weights", NAMES, NAMES, WEIGHTS))
    assert "cat → The: 0.250" in tips(root)
    assert len(tips(root)) == 1 + 9
    assert {"1", ".75", ".50", ".30", ".25", ".20"} <= {text.text for text in root.iter(f"{SPACE}text")}
    assert "cat: cat 0.75" in (root.findtext(f"{SPACE}desc") or "")


def test_runs_of_a_level_are_one_stroke() -> None:
    drawn = tiles([[0.5, 0.5, 0.5, 0.0], [0.0, 0.0, 0.0, 0.0]], 0, 0, 1)
    assert drawn.count("<path") == 1
    assert 'd="M0 0h3"' in drawn


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_a_larger_value_is_never_lighter(values: list[float]) -> None:
    shades: list[float] = []
    for value in sorted(values):
        found = re.search(r'stroke-opacity="([\d.]+)"', tiles([[value]], 0, 0, 1))
        shades.append(float(found[1]) if found else 0.0)
    assert shades == sorted(shades)
    assert len(set(shades)) <= LEVELS


@settings(max_examples=30)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=12))
def test_any_names_stay_within_the_picture(names: list[str]) -> None:
    share = [[1 / len(names)] * len(names)] * len(names)
    root = parsed(heatmap("<script>&", names, names, share))
    for item in root.iter(f"{SPACE}rect"):
        left = float(item.attrib.get("x", 0))
        assert 0 <= left <= left + float(item.attrib["width"]) <= WIDTH + 0.1
    parsed(heatmap_grid("<script>&", ["a<b"], ["c&d", "e"], names, [[share, share]]))


def test_a_grid_shows_one_large_and_links_to_the_others() -> None:
    root = parsed(
        heatmap_grid("Heads", ["layer 1", "layer 2"], ["head 1", "head 2"], NAMES, [[WEIGHTS] * 2] * 2, (1, 0))
    )
    links = {item.attrib["href"] for item in root.iter(f"{SPACE}a")}
    assert links == {"#map-0-0", "#map-0-1", "#map-1-0", "#map-1-1"}
    large = [item.attrib["class"] for item in root.iter(f"{SPACE}g") if "large" in item.attrib.get("class", "")]
    assert [each for each in large if "chosen" in each] == ["large map-1-0 chosen"]
    style = "".join(item.text or "" for item in root.iter(f"{SPACE}style"))
    for link in links:
        assert f"{link}:target~.{link[1:]}{{display:inline}}" in style
    assert "layer 2, head 1" in (root.findtext(f"{SPACE}desc") or "")


def test_a_large_grid_has_a_tip_a_row_and_stays_small() -> None:
    names = [f"token{index}" for index in range(60)]
    even = [[1 / 60] * 60] * 60
    plot = heatmap_grid(
        "Heads", [f"layer {i}" for i in range(6)], [f"head {j}" for j in range(12)], names, [[even] * 12] * 6
    )
    assert len(plot.text) < 2_500_000
    assert sum(tip.startswith("token7: ") for tip in tips(parsed(plot))) == 72


@pytest.mark.parametrize(
    ("rows", "values", "line"),
    [
        ([], [], "one value for each"),
        (["a"], [[0.5, 0.5]], "one value for each"),
        (["a"], [[1.5]], "outside 0 to 1"),
        (["a"], [[float("nan")]], "outside 0 to 1"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(rows: list[str], values: list[list[float]], line: str) -> None:
    with pytest.raises(ReportProblem, match=line):
        heatmap("x", rows, rows, values)
    with pytest.raises(ReportProblem, match=line):
        heatmap_grid("x", ["a"], ["b"], rows, [[values]])


def test_too_much_to_draw_is_one_line() -> None:
    even = [[0.01] * 100] * 100
    with pytest.raises(ReportProblem, match="1,600,000 cells"):
        heatmap_grid("x", ["a"] * 16, ["b"] * 10, ["n"] * 100, [[even] * 10] * 16)
    with pytest.raises(ReportProblem, match="100 columns, which do not fit"):
        heatmap_grid("x", ["a"], ["b"] * 100, ["n"], [[[[1.0]]] * 100])


def test_numbers_are_short() -> None:
    assert [short(value) for value in (0.004, 0.425, 0.996, 1.0)] == [".00", ".42", "1", "1"]
