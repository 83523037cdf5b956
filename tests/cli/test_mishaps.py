"""What goes wrong around a command: each is one line that says what to do, or does no harm."""

from pathlib import Path

import pytest

RENT = "How much is the rent?"


@pytest.mark.parametrize("command", [("ask", RENT), ("search", RENT), ("status",), ("index",)])
def test_one_overwritten_byte_is_said_to_be_damage(run, notes: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    path = tmp_path / "mine.sqlite"
    run("index", str(notes), "--index", str(path))
    path.write_bytes(path.read_bytes().replace(b'"kind"', b'"k\xffnd"'))
    done = run(*command, str(notes), "--index", str(path))
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert f"{path} is damaged; build it again with `openbook index DIR --index {path} --rebuild`" in done.err
