"""All commands: the version, help, and bad input in one line."""

from pathlib import Path

import pytest

from openbook import __version__

RENT = "How much is the rent?"


def test_version_and_help(run, run_alone) -> None:
    assert run_alone("--version").out.strip() == f"openbook {__version__}"
    assert "Examples" in run_alone("--help").out
    for command in ("ask", "search", "index", "status", "replay"):
        assert run(command, "--help").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ask", "", "{notes}"), "the question is empty"),
        (("ask", "x" * 100_000, "{notes}"), "100,000 characters"),
        (("ask", RENT, "/nowhere/at/all"), "there is no file or folder"),
        (("ask", RENT, "\0"), "cannot be read"),
        (("search", "?", "{notes}"), "no letter or digit"),
        (("status", "--index", "/nowhere/index.sqlite"), "there is no index"),
        (("ask", RENT, "--index", "/nowhere/index.sqlite"), "there is no index"),
        (("ask", RENT, "{notes}", "--index", "a", "--store", "sqlite:b"), "give one of them"),
        (("replay", "/nowhere.json"), "cannot be read"),
        (("index", "copy", "sqlite:a", "sqlite:a"), "same store"),
        (("index", "{notes}", "--index", "/nowhere/at/all.sqlite"), "there is no folder /nowhere/at"),
        (("index", "{notes}", "--store", "milvus:"), "names no place"),
        (("ask", RENT, "http://127.0.0.1:1/"), "127.0.0.1"),
    ],
)
def test_bad_input_is_one_line(run, notes: Path, arguments: tuple[str, ...], said: str) -> None:
    if "\0" in arguments:
        pytest.skip("an operating system passes no NUL in an argument")
    done = run(*(argument.format(notes=notes) for argument in arguments))
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_nothing_is_counted_or_sent_home(run, notes: Path, tmp_path: Path) -> None:
    run("ask", RENT, str(notes))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["openbook"]


@pytest.mark.parametrize(
    "arguments", [("ask", RENT, ""), ("ask", RENT, "--store", "foo:bar"), ("index", ".", "--index", "/proc/x.sqlite")]
)
def test_more_bad_input_is_one_line(run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1
