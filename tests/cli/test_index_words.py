"""``copy`` and ``update`` after ``openbook index``: offered by the shell, and never taken for a folder's name."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from openbook.cli.main import app


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        ("index ", ["copy", "a.md", "contracts/"]),
        ("index co", ["copy", "contracts/"]),
        ("index n", []),  # the shell's own file names
        ("index contracts/ ", []),
        ("index update ", []),
        ("index copy ", []),
        ("ask question ", []),
        ("index --wat", ["--watch"]),
    ],
)
def test_the_shell_is_offered(typed: str, offers: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("contracts", ".git", "of mine"):
        (tmp_path / name).mkdir()
    (tmp_path / "a.md").touch()
    monkeypatch.chdir(tmp_path)
    words = f"openbook {typed}"
    environment = {"_OPENBOOK_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    said = CliRunner().invoke(app, prog_name="openbook", env=environment).output
    assert said.split() == offers


@pytest.mark.parametrize("word", ["copy", "update"])
def test_a_folder_named_like_a_command_is_asked_for(run, tmp_path: Path, word: str) -> None:
    (tmp_path / word).mkdir()
    (tmp_path / word / "cat.txt").write_text("The cat is called Ming.", encoding="utf-8")
    done = run("index", word)
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert f"write ./{word} for the folder" in done.err
    assert len(run("index", f"./{word}", "--json").json["added"]) == 1
    assert run("index", word, "--help").code == 0
