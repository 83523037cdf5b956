"""``openbook calibrate``: it sets a threshold that ``ask`` then takes, forgets it, and refuses bad questions."""

import json
from pathlib import Path

import pytest

from openbook.answer.calibrate import Asked, Question, suited
from openbook.cli.show_calibration import show, summary


def test_the_command_sets_and_forgets(notes: Path, tmp_path: Path, run) -> None:
    index = ["--index", str(tmp_path / "i.sqlite")]
    own = tmp_path / "own.jsonl"
    rows = [{"question": f"How much is the rent in {month}?", "answer": "950"} for month in "abcdefghij"]
    rows += [{"question": f"Who won the cup in {year}?", "answer": None} for year in range(1990, 2000)]
    own.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("calibrate", str(notes), str(own), *index, "--plot", str(tmp_path / "curve.svg"), "--json")
    found = done.json
    assert 0 < found["threshold"] < 1
    assert found["answered"]["unanswerable"] <= 0.05
    assert (tmp_path / "curve.svg").read_text().startswith("<svg")
    asked = run("ask", "How much is the rent?", str(notes), *index, "--json").json
    assert asked["trace"]["settings"]["threshold"] == found["threshold"]
    promised = run("calibrate", str(notes), str(own), *index, "--most-wrong", "0.1")
    assert "of new ones, 10.0% at most on average." in promised.out
    both = run("calibrate", str(notes), str(own), *index, "--most-wrong", "0.1", "--most-false", "0.1")
    assert (both.code, "no --most-false beside it" in both.err) == (2, True)
    run("calibrate", str(notes), *index, "--forget")
    asked = run("ask", "How much is the rent?", str(notes), *index, "--json").json
    assert asked["trace"]["settings"]["threshold"] != found["threshold"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{}", "has no question"),
        ('{"question": "q"}', "write null"),
        ('{"question": "q", "answer": 7}', "must be a text"),
        ('{"question": "q", "answer": []}', "must be a text"),
        ("nonsense", "is not JSON"),
        ("", "holds no question"),
    ],
)
def test_bad_questions_are_one_line(notes: Path, tmp_path: Path, run, row: str, says: str) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text(row + "\n")
    done = run("calibrate", str(notes), str(own), "--index", str(tmp_path / "i.sqlite"))
    assert done.code == 2
    assert says in done.err


def test_a_plot_makes_one_folder_and_no_more(notes: Path, tmp_path: Path, run_alone) -> None:
    done = run_alone("calibrate", str(notes), "--plot", str(tmp_path / "no" / "such" / "x.svg"))
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert f"there is no folder {tmp_path / 'no' / 'such'} for the plot" in done.err
    assert not (tmp_path / "no").exists()
    assert not (tmp_path / "cache").exists()  # before anything was indexed


def test_a_threshold_that_few_questions_would_lower_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [
        *(Asked(Question(f"a{n}", "answerable"), 0.25 if n % 2 else 0.9, right=True) for n in range(20)),
        *(Asked(Question(f"h{n}", "absent"), 0.02, right=False) for n in range(13)),
        *(Asked(Question(f"s{n}", "swapped"), 0.3, right=False) for n in range(2)),
    ]
    found = suited(asked, 0.2, before=0.5)
    show(found, made=True)
    said = capsys.readouterr().out.splitlines()
    assert (
        "Not set lower: only 2 on names that stand nowhere, and 10 are needed; raise --count, or give your own." in said
    )
    assert said[-1].endswith("at 0.500 and above.")
    assert summary(found)["too_few"] == ["swapped"]


def test_a_plot_replaces_plots_alone(notes: Path, tmp_path: Path, run) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text('{"question": "How much is the rent?", "answer": "950"}\n')
    done = run("calibrate", str(notes), str(own), "--plot", str(own))
    assert (done.code, "give a FILE.svg" in done.err) == (2, True)
    other = tmp_path / "other.svg"
    other.write_text("mine")
    done = run("calibrate", str(notes), str(own), "--plot", str(other))
    assert (done.code, "is there and no plot" in done.err) == (2, True)
    assert other.read_text() == "mine"


def test_too_few_questions_are_said_before_any_is_asked(notes: Path, tmp_path: Path, run) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text("".join(f'{{"question": "How much is the rent {n}?", "answer": "950"}}\n' for n in range(12)))
    done = run("calibrate", str(notes), str(own))
    assert (done.code, "12 questions with an answer, 0 without: give at least 10 of each" in done.err) == (2, True)
    assert not (tmp_path / "cache").exists()
