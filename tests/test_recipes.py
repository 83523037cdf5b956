"""A recipe: each key typed by its field, nothing unknown let through, changes applied, every refusal one line."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf, nan
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook import recipes
from openbook.errors import OpenbookError
from openbook.recipes import BadRecipe
from openbook.train.lora_targets import LoraConfig
from openbook.train.recipe import check_ranges


@dataclass(frozen=True, slots=True)
class Oven:
    """What it is baked in.

    degrees: Celsius. fan: whether the air moves; better for
    many trays. mode: heat from "bake", all sides, or "grill", above.
    """

    degrees: float
    fan: bool = False
    mode: Literal["bake", "grill"] = "bake"


@dataclass(frozen=True, slots=True)
class Cake:
    """A cake. name, note: said on the label.

    oven.degrees: Celsius, less with a fan. times: minutes: of each step.
    """

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


def test_what_a_key_means_is_read_off_the_docstrings_and_the_recipe_has_the_last_word() -> None:
    assert recipes.meanings(Cake) == {
        "name": "said on the label.",
        "note": "said on the label.",
        "times": "minutes: of each step.",
        "oven.degrees": "Celsius, less with a fan.",
        "oven.fan": "whether the air moves; better for many trays.",
        "oven.mode": 'heat from "bake", all sides, or "grill", above.',
    }
    assert recipes.meanings(LoraConfig).keys() == recipes.names(LoraConfig).keys()


@dataclass(frozen=True, slots=True)
class Tray:
    """A tray.

    size: centimetres a side.
    """

    size: float = 1e-9
    marks: tuple[Literal["north", "south"], ...] = ("north",)
    label: str = 'a "b" \\ \n é'


@dataclass(frozen=True, slots=True)
class Batch:
    """Many cakes. oven: a large one."""

    oven: Oven
    trays: Tray = field(default_factory=lambda: Tray(2.0))
    spare: Tray | None = None
    count: int = 3
    name: str = ""


def test_a_whole_recipe_reads_back_to_its_defaults(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(recipes.whole(Batch, "bake"), encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    with pytest.raises(BadRecipe, match=r"oven\.degrees must be a number, not ''"):
        recipes.read(path, Batch)
    assert recipes.read(path, Batch, ["oven.degrees=180"]) == Batch(Oven(180.0))
    assert 'degrees = ""  # REQUIRED: Celsius.' in text
    assert 'mode = "bake"  # "bake" or "grill": heat from "bake", all sides, or "grill", above.' in text
    assert "# A large one.\n[oven]" in text
    head, mark, rest = text.partition("# [spare]")  # the last table
    path.write_text(head + "\n".join(line.removeprefix("# ") for line in (mark + rest).splitlines()), encoding="utf-8")
    assert recipes.read(path, Batch, ["oven.degrees=180"]) == replace(Batch(Oven(180.0)), spare=Tray())
    assert max(map(len, text.splitlines())) <= 100


def test_a_missing_file_or_key_names_the_command_that_prints_a_whole_recipe(tmp_path: Path) -> None:
    with pytest.raises(BadRecipe, match=r"check the spelling, or begin one with `bake new > .*none\.toml`"):
        recipes.read(tmp_path / "none.toml", Cake, new="bake new")
    (tmp_path / "bare.toml").write_text("name = 'x'", encoding="utf-8")
    with pytest.raises(BadRecipe, match="the key oven is missing: `bake new` prints a recipe with every key"):
        recipes.read(tmp_path / "bare.toml", Cake, new="bake new")


@dataclass(frozen=True, slots=True)
class Adapted:
    lora: LoraConfig | None = None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("lora.rank=0", "test: lora.rank is 0, and must lie in 1 to 4,096"),
        ("lora.alpha=0", "test: lora.alpha is 0.0, and must be a positive number"),
        ("lora.targets=['quary']", "test: lora.targets: no layer is called 'quary': choose among all, query"),
    ],
)
def test_what_a_table_finds_wrong_names_the_whole_key(change: str, said: str) -> None:
    with pytest.raises(BadRecipe) as refused:
        recipes.build(recipes.changed({}, Adapted, [change]), Adapted, "test")
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.0, 1e-6, 1e6, "x is 0, and must lie in 0.000001 to 1,000,000"),
        (-1, 0, 2**63 - 1, "x is -1, and must lie in 0 to 9,223,372,036,854,775,807"),
        (inf, 1e-30, 0.9999999, "x is inf, and must lie in 1e-30 to 0.9999999"),
        (nan, 0, 1e9, "x is nan, and must lie in 0 to 1,000,000,000"),
        (1e300, 0, 1, "x is 1e+300, and must lie in 0 to 1"),
    ],
)
def test_a_range_is_written_to_be_read(value: float, low: float, high: float, said: str) -> None:
    with pytest.raises(OpenbookError) as refused:
        check_ranges(("x", value, low, high))
    assert str(refused.value) == said
