"""``openbook eval judge`` where replies cannot be read: some are counted, none at all is a failure."""

import json
from pathlib import Path

import pytest
from scripted_judge import Judging, LongerIsBetter

ROWS = [{"id": f"r{number}", "candidate": "ice " * (number + 1)} for number in range(3)]
ONE = ("-c", "coherence", "--steps", "none")


def test_a_judge_of_whom_nothing_can_be_read_fails(judge: Judging, model: LongerIsBetter, tmp_path: Path) -> None:
    model.confused = 99
    done = judge(ROWS, *ONE, "--save", str(tmp_path / "j.jsonl"))
    assert done.code == 2
    assert done.error.endswith(
        "no reply of longer could be read (Sure! I would say it is quite good.): take a larger model, or one that is "
        "held to a JSON schema"
    )
    assert "unread: 3 of 3 judgements (3 malformed)" in " ".join(done.out.split())
    row = json.loads((tmp_path / "j.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (row["score"], row["unread"]) == (None, "malformed")
    assert row["instead"] == "Sure! I would say it is quite good."
    done = judge(ROWS, *ONE, "--json")
    assert (done.code, len(done.json["judgements"])) == (2, 3)


@pytest.mark.parametrize("method", ["pairwise", "rubric"])
def test_so_it_is_of_pairs_and_rubrics(judge: Judging, model: LongerIsBetter, method: str) -> None:
    model.confused = 99
    rows = [{"first": "a", "second": "b"}] if method == "pairwise" else ROWS
    done = judge(rows, *ONE, "--method", method)
    assert (done.code, "no reply of longer could be read" in done.error) == (2, True)


def test_some_that_cannot_be_read_are_counted(judge: Judging, model: LongerIsBetter) -> None:
    model.confused = 1
    done = judge(ROWS, *ONE)
    assert (done.code, "could be read" in done.error) == (0, False)
    said = "unread: 1 of 3 judgements (1 malformed); of case r0 it said: Sure! I would say it is quite good."
    assert said in " ".join(done.out.split())


def test_steps_that_cannot_be_read_are_told(judge: Judging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openbook.evaluate.judge.geval.steps_form", _nothing_read)
    done = judge(ROWS, "-c", "coherence")
    assert done.code == 2
    assert 'wrote no steps for coherence that can be read ({"steps": ["Count the words."]}): add' in done.error


def _nothing_read():
    from dataclasses import replace

    from openbook.evaluate.judge.form import steps_form

    return replace(steps_form(), read=lambda _: None)
