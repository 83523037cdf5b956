"""Evidence files: what is written is read again, what is wrong is refused in one line, changed code is named."""

import hashlib
import json
import math
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.report import evidence, machine
from openbook.report.evidence_json import from_json, to_json
from openbook.report.problems import ReportProblem
from openbook.report.record import Evidence, Figure
from openbook.report.tables import Column, Table

TABLE = Table("Recall", (Column("system"), Column("recall", "right")), (("ours", "0.812"),), "n = 10")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with measured code, an input, and everything committed."""
    (tmp_path / "src" / "room").mkdir(parents=True)
    (tmp_path / "src" / "room" / "a.py").write_text("a = 1\n")
    (tmp_path / "src" / "room" / "b.py").write_text("b = 1\n")
    (tmp_path / "bench.py").write_text("print()\n")
    (tmp_path / "input.txt").write_text("words")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True)
    return tmp_path


def write(root: Path, *figures: Figure, name: str = "run", **changes) -> Path:
    settings = {
        "command": "python -m bench",
        "inputs": {"the words": root / "input.txt"},
        "code": ["src/room", "bench.py"],
        "seeds": [0, 1],
        "tables": {"main": TABLE},
    }
    return evidence.write(root / "evidence", name, figures or [Figure("recall", 0.8123)], **{**settings, **changes})


def test_what_is_written_is_read(root: Path) -> None:
    figure = Figure("recall @10", 0.8123, "share", 0.80, 0.82, 1000, "a note", "81.2")
    path = write(root, figure, Figure("bytes", 12), versions={"txtai": "9.1"}, note="all of it")
    found = evidence.read(path)
    assert path == root / "evidence" / "run.json"
    assert found.figures == (figure, Figure("bytes", 12))
    assert found.tables == {"main": TABLE}
    assert (found.command, found.seeds, found.note) == ("python -m bench", (0, 1), "all of it")
    assert found.versions["numpy"] == np.__version__
    assert found.versions["txtai"] == "9.1"
    assert found.inputs == {"the words": hashlib.sha256(b"words").hexdigest()}
    assert set(found.digests) == {"bench.py", "src/room/a.py", "src/room/b.py"}
    assert found.machine == machine.in_words()
    assert found.date.endswith("+00:00")
    assert str(root) not in path.read_text()


def test_commit_and_tree(root: Path) -> None:
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True).stdout
    first = evidence.read(write(root))
    assert (first.commit, first.tree) == (head.strip(), "clean")
    # Evidence just written does not make the next benchmark's tree dirty; a new source file does.
    assert evidence.read(write(root, name="second")).tree == "clean"
    (root / "new.py").write_text("")
    assert evidence.read(write(root)).tree == "dirty"
    (root / "new.py").unlink()
    (root / "bench.py").write_text("print(2)\n")
    assert evidence.read(write(root)).tree == "dirty"


def test_without_a_repository_the_tree_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "a.py").write_text("")
    found = evidence.read(write(tmp_path, inputs={}, code=["a.py"]))
    assert (found.commit, found.tree) == ("", "unknown")


def test_changed_new_and_missing_code_is_named(root: Path) -> None:
    path = write(root)
    assert evidence.stale(path, root) == []
    (root / "src" / "room" / "__pycache__").mkdir()
    (root / "src" / "room" / "__pycache__" / "a.pyc").write_text("x")
    (root / "unmeasured.py").write_text("x")
    assert evidence.stale(path, root) == []
    (root / "src" / "room" / "a.py").write_text("a = 2\n")
    (root / "src" / "room" / "c.py").write_text("c = 1\n")
    (root / "bench.py").unlink()
    assert evidence.stale(path, root) == ["bench.py", "src/room/a.py", "src/room/c.py"]


def test_an_input_folder_has_one_digest(root: Path) -> None:
    def digest() -> str:
        return evidence.read(write(root, inputs={"room": root / "src"})).inputs["room"]

    before = digest()
    assert before == digest()
    (root / "src" / "room" / "a.py").rename(root / "src" / "room" / "z.py")
    assert before != digest()


def test_numbers_of_numpy_become_plain(root: Path) -> None:
    scores = np.array([0.25, 0.5], dtype=np.float32)
    figure = Figure("mean", scores.mean(), low=scores.min(), high=np.float64(0.5), n=np.int64(2))
    found = evidence.read(write(root, figure, seeds=[np.int64(3)])).figures[0]
    assert (found.value, found.low, found.high, found.n) == (0.375, 0.25, 0.5, 2)
    assert type(found.n) is int


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "../run"},
        {"name": ""},
        {"inputs": {"gone": Path("nowhere")}},
        {"code": ["nowhere.py"]},
        {"code": ["../outside.py"]},
        {"packages": ["no-such-package-here"]},
        {"tables": {"a-->b": TABLE}},
    ],
)
def test_bad_evidence_is_not_written(root: Path, bad: dict) -> None:
    with pytest.raises(ReportProblem) as problem:
        write(root, **bad)
    assert "\n" not in str(problem.value)
    assert not (root / "evidence").exists()
    with pytest.raises(ReportProblem, match="2 figures are named 'a'"):
        write(root, Figure("a", 1), Figure("a", 2))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Figure("a", math.nan),
        lambda: Figure("a", math.inf),
        lambda: Figure("a", 10**400),
        lambda: Figure("a", 1, low=0),
        lambda: Figure("a", 1, low=2, high=1),
        lambda: Figure("", 1),
        lambda: Figure("a\nb", 1),
        lambda: Figure("a -- b", 1),
        lambda: Figure("<a", 1),
    ],
)
def test_bad_figures_are_refused(make) -> None:
    with pytest.raises(ReportProblem):
        make()


def test_a_failed_write_leaves_the_former_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(root)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ReportProblem, match="No space left"):
        write(root, Figure("other", 2))
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["run.json"]


def test_an_unreadable_file_is_refused_in_one_line(root: Path) -> None:
    path = write(root)
    good = json.loads(path.read_text())

    def changed(**fields: object) -> str:
        return json.dumps({**good, **fields})

    figure = good["figures"][0]
    broken = [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        changed(format=2),
        changed(name="other"),
        changed(seeds=["0"]),
        changed(seeds=[True]),
        changed(figures={}),
        changed(figures=[{**figure, "value": "1"}]),
        changed(figures=[{**figure, "value": True}]),
        changed(figures=[{**figure, "value": 10**400}]),
        changed(figures=[figure, figure]),
        changed(tables=[]),
        changed(tables={"t": {"title": "", "note": "", "columns": [{"name": "a", "align": "up"}], "rows": []}}),
        changed(
            tables={"t": {"title": "", "note": "", "columns": [{"name": "a", "align": "left"}], "rows": [["1", "2"]]}}
        ),
        changed(tables={"t": {"title": "", "note": "", "columns": [{"name": "a", "align": "left"}], "rows": [[1]]}}),
        changed(inputs={"a": "not a digest"}),
        changed(digests={"a": 5}),
        changed(machine=None),
        path.read_text().replace("0.8123", "NaN"),
        path.read_text().replace("0.8123", "1e999"),
        json.dumps({key: value for key, value in good.items() if key != "commit"}),
    ]
    for text in broken:
        path.write_text(text)
        with pytest.raises(ReportProblem) as problem:
            evidence.read(path)
        assert "\n" not in str(problem.value)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ReportProblem, match="UTF-8"):
        evidence.read(path)
    path.write_text(" " * (evidence.LARGEST + 1))
    with pytest.raises(ReportProblem, match="larger"):
        evidence.read(path)
    with pytest.raises(ReportProblem, match="run the benchmark"):
        evidence.read(root / "evidence" / "none.json")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300)
@given(st.sampled_from(list(Evidence.__slots__)), json_values)
def test_any_value_in_any_field_is_taken_or_refused(field: str, value: object) -> None:
    sound = Evidence("a", "d", "c", "", "unknown", "m", {}, (0,), {}, (), {}, (Figure("f", 1.5),), {"t": TABLE})
    assert from_json(to_json(sound), "x") == sound
    raw = {**json.loads(to_json(sound)), field: value}
    with suppress(ReportProblem):  # anything else that escapes fails the test
        found = from_json(json.dumps(raw), "x")
        assert from_json(to_json(found), "x") == found


def test_the_machine_is_described_without_naming_it() -> None:
    words = machine.in_words()
    assert "core" in words
    assert os.uname().nodename not in words
    assert str(Path.home()) not in words
