"""A recipe: each key typed by its field, nothing unknown let through, changes applied, every refusal one line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook import recipes
from openbook.recipes import BadRecipe


@dataclass(frozen=True, slots=True)
class Oven:
    degrees: float
    fan: bool = False
    mode: Literal["bake", "grill"] = "bake"


@dataclass(frozen=True, slots=True)
class Cake:
    name: str
    oven: Oven
    eggs: int = 2
    steps: tuple[str, ...] = ()
    times: tuple[float, ...] = ()
    weights: Mapping[str, str] | None = None
    note: str | None = None


TEXT = """
name = "sponge"
eggs = 3
steps = ["beat", "fold"]
[oven]
degrees = 180
[weights]
flour = "200 g"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cake.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_file_becomes_its_dataclass(file: Path) -> None:
    cake = recipes.read(file, Cake)
    assert cake == Cake("sponge", Oven(180.0), 3, ("beat", "fold"), (), {"flour": "200 g"})
    assert type(cake.oven.degrees) is float


def test_changes_are_typed_by_their_field(file: Path) -> None:
    changes = [
        "eggs=4",
        "oven.fan=true",
        "oven.degrees=2e2",
        "name=12",
        "times=[1, 2.5]",
        "note=none",
        "oven.mode=grill",
    ]
    cake = recipes.read(file, Cake, changes)
    assert (cake.eggs, cake.oven, cake.name, cake.times) == (4, Oven(200.0, True, "grill"), "12", (1.0, 2.5))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("eggs", "write key=value"),
        ("egs=3", "do you mean eggs?"),
        ("degrees=3", "do you mean oven.degrees?"),
        ("oven=3", "there is no recipe key oven"),
        ("eggs=three", "eggs must be a whole number, not 'three'"),
        ("eggs=2.5", "eggs must be a whole number, not 2.5"),
        ("eggs=true", "eggs must be a whole number, not True"),
        ("oven.fan=1", "oven.fan must be true or false, not 1"),
        ("oven.mode=gril", "do you mean 'grill'"),
        ("times=[1, 'x']", "times must be a number, not 'x'"),
        ("name.first=3", "there is no recipe key name.first"),
    ],
)
def test_a_bad_change_is_refused_in_one_line(file: Path, change: str, said: str) -> None:
    with pytest.raises(BadRecipe) as refused:
        recipes.read(file, Cake, [change])
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name = 'x'", "the key oven is missing"),
        ("name = 'x'\n[oven]\nfan = true", "the key oven.degrees is missing"),
        ("name = 'x'\n[oven]\ndegres = 3", "unknown key oven.degres: do you mean oven.degrees?"),
        ("name = 'x'\noven = 3", "oven must be a table, not 3"),
        ("name = 3\n[oven]\ndegrees = 3", "name must be a text in quotes, not 3"),
        ("name = 'x'\nsteps = 'beat'\n[oven]\ndegrees = 3", "steps must be a list, each a text in quotes"),
        ("name = 'x'\n[oven]\ndegrees = 3\n[weights]\nflour = 2", "weights.flour must be a text in quotes"),
        ("name = ", "is not valid TOML"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "cake.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadRecipe) as refused:
        recipes.read(path, Cake)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_missing_binary_or_huge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRecipe, match="there is no recipe"):
        recipes.load(tmp_path / "none.toml")
    with pytest.raises(BadRecipe, match="cannot read the recipe"):
        recipes.load(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadRecipe, match="not UTF-8"):
        recipes.load(tmp_path / "binary.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * (recipes.LARGEST + 1))
    with pytest.raises(BadRecipe, match="too large"):
        recipes.load(tmp_path / "huge.toml")


def test_a_recipe_survives_its_own_table(file: Path) -> None:
    cake = recipes.read(file, Cake)
    assert recipes.build(recipes.as_table(cake), Cake, "again") == cake


@dataclass(frozen=True, slots=True)
class Kitchen:
    name: str
    cake: Cake = field(default_factory=lambda: Cake("plain", Oven(150.0, fan=True), eggs=5))
    ovens: Oven | None = field(default_factory=lambda: Oven(90.0))


def test_a_key_that_a_table_leaves_out_is_what_it_is_without_the_table(tmp_path: Path) -> None:
    path = tmp_path / "kitchen.toml"
    path.write_text('name = "small"\n[cake]\nnote = "thin"\n[cake.oven]\nmode = "grill"\n[ovens]\nfan = true\n')
    kitchen = recipes.read(path, Kitchen)
    assert kitchen.cake == Cake("plain", Oven(150.0, fan=True, mode="grill"), eggs=5, note="thin")
    assert kitchen.ovens == Oven(90.0, fan=True)
    assert recipes.read(path, Kitchen, ["cake.oven.fan=false"]).cake.oven == Oven(150.0, fan=False, mode="grill")


def test_what_differs_is_named(file: Path) -> None:
    before = recipes.as_table(recipes.read(file, Cake))
    after = recipes.as_table(recipes.read(file, Cake, ["oven.fan=true", "eggs=1"]))
    assert recipes.differing(before, after) == ["oven.fan", "eggs"]
    assert recipes.differing(before, before) == []


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**40), 2**40), st.booleans())
def test_typed_values_come_through_whole(degrees: float, eggs: int, fan: bool) -> None:
    table = {"name": "x", "oven": {"degrees": 1.0}}
    changes = [f"oven.degrees={degrees!r}", f"eggs={eggs}", f"oven.fan={str(fan).lower()}"]
    cake = recipes.build(recipes.changed(table, Cake, changes), Cake, "test")
    assert (cake.oven.degrees, cake.eggs, cake.oven.fan) == (degrees, eggs, fan)
    assert table == {"name": "x", "oven": {"degrees": 1.0}}
