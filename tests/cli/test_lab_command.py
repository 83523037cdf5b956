"""``openbook lab`` as a stranger types it."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest


def data(folder: Path, n: int = 80) -> Path:
    path = folder / "mail.jsonl"
    words = {"work": "meeting report budget deadline", "home": "garden dinner kitchen weekend"}
    rows = [
        {"body": f"{words[kind].split()[i // 2 % 4]} and {words[kind].split()[(i // 8) % 4]} on day {i}", "kind": kind}
        for i in range(n)
        for kind in ["work" if i % 2 else "home"]
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def asked(path: Path, *more: str) -> tuple[str, ...]:
    fields = ("--text-field", "body", "--label-field", "kind")
    return ("lab", "discriminative-generative", "--data", str(path), *fields, *more)


def test_the_experiments_are_listed(run) -> None:
    for arguments in (("lab",), ("lab", "--help")):
        done = run(*arguments)
        assert done.code == 0
        assert "discriminative-generative" in done.out
        assert "hallucination" in done.out
        assert "chain-of-thought" in done.out


@pytest.mark.slow
def test_ones_own_texts(run, tmp_path: Path) -> None:
    out = tmp_path / "report"
    done = run(*asked(data(tmp_path), "--sizes", "20,all", "--quick", "--out", str(out)))
    assert done.code == 0, done.err
    assert "Which to use when: mail" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert "\x1b" not in done.out
    assert {path.name for path in out.iterdir()} == {
        "report.html", "tables.md", "result.json", "accuracy.svg", "confidence.svg", "reliability.svg",
    }  # fmt: skip
    saved = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert saved["sizes"] == [20, 60]
    assert all(line in " ".join(done.out.split()) for line in saved["advice"])


@pytest.mark.slow
def test_json_alone_on_standard_output(run_alone, tmp_path: Path) -> None:
    done = run_alone(*asked(data(tmp_path), "--sizes", "20", "--seeds", "1", "--quick", "--json"))
    assert done.code == 0, done.err
    assert done.json["classes"] == ["home", "work"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--sizes", "many"), "write it as 30,100,all"),
        (("--sizes", "100000"), "sizes must lie between 10 and"),
        (("--outside", "nowhere.jsonl"), "check the spelling"),
        (("--label-field", "none"), "has no field 'none'"),
    ],
)
def test_bad_input_is_one_line_and_code_2(run, tmp_path: Path, more: tuple[str, ...], told: str) -> None:
    done = run(*asked(data(tmp_path), *more))
    assert done.code == 2
    assert told in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not done.out


def test_without_torch_it_says_what_to_install(run_alone, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "block").mkdir()
    (tmp_path / "block" / "sitecustomize.py").write_text("import sys\nsys.modules['torch'] = None\n")
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "block"), *filter(None, sys.path)])
    done = run_alone(*asked(data(tmp_path), "--sizes", "20", "--seeds", "1"))
    assert "openbook[train]" in done.err
    assert done.code in (0, 2)
    done = run_alone("lab", "hallucination", "--quick")
    assert done.err.strip() == "openbook: this experiment needs optional packages: pip install 'openbook[train]'"
    assert done.code == 2


@pytest.mark.slow
def test_the_lost_middle_without_torch_says_what_to_install(
    run_alone, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "block").mkdir()
    (tmp_path / "block" / "sitecustomize.py").write_text("import sys\nsys.modules['torch'] = None\n")
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "block"), *filter(None, sys.path)])
    done = run_alone("lab", "lost-in-the-middle", "--quick")
    assert (done.code, "openbook[train]" in done.err) == (2, True)


def test_a_report_that_cannot_be_written_is_refused_before_the_work(run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file, not a folder")
    done = run("lab", "hallucination", "--quick", "--out", str(tmp_path / "file"))
    assert done.code == 2
    assert "name a folder" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_steps_and_votes_are_measured(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With models that have no time to learn: that they learn from the full plan is stated where the lab is tested."""
    from openbook.labs.chain_of_thought import experiment
    from openbook.labs.chain_of_thought.fit import Fitting

    fitting = Fitting(width=16, layers=1, heads=2, steps=3, tokens=3_000, batch=300)
    monkeypatch.setattr(experiment, "QUICK", replace(experiment.QUICK, questions=8, tried=4, fitting=fitting))
    out = tmp_path / "report"
    done = run("lab", "chain-of-thought", "--quick", "--out", str(out))
    assert done.code == 0, done.err
    assert max(map(len, done.out.splitlines())) <= 80
    saved = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert [row["steps"] for row in saved["by_steps"]] == [1, 2, 3, 4]
    assert all(line in " ".join(done.out.split()) for line in saved["advice"])


def test_a_report_needs_a_folder_before_anything_is_trained(run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = run("lab", "chain-of-thought", "--out", str(tmp_path / "file"))
    assert (done.code, done.out) == (2, "")
    assert "no folder for the report" in done.err
