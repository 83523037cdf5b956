"""A TOML file of a person's: read within bounds, and each fault of it is one line that says what to do."""

from pathlib import Path

import pytest

from openbook.errors import OpenbookError
from openbook.toml_file import toml_table


def test_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('name = "né"\n[oven]\ndegrees = 3\n', encoding="utf-8")
    assert toml_table(path, "recipe", 100) == {"name": "né", "oven": {"degrees": 3}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#" * 101, "is over 100 bytes, too large for a recipe"),
        (b"a = '\xff'", "is not UTF-8: convert it"),
        (b"a = ", "is not valid TOML, mend it: "),
        (b"a = 1\na = 2", "is not valid TOML, mend it: "),
        (b"'" + b"\\" * 50 + b"\n", "is not valid TOML"),
    ],
)
def test_a_fault_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(OpenbookError) as refused:
        toml_table(path, "recipe", 100)
    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", ["a = " + "[" * 5_000, "a = 1" + "0" * 5_000])
def test_what_is_too_deep_or_too_long_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(content)
    with pytest.raises(OpenbookError, match="is no policy file: its values are nested too deeply or too long"):
        toml_table(path, "policy file", 100_000)


@pytest.mark.parametrize(("name", "said"), [("none.toml", "there is no recipe "), (".", "cannot read the recipe ")])
def test_what_is_no_file_is_said(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(OpenbookError) as refused:
        toml_table(tmp_path / name, "recipe", 100)
    assert str(refused.value).startswith(said)
    assert ": check the " in str(refused.value)
